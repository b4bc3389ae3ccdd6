import ts from 'typescript';
import { placeOf, type Violation, walk } from './source-files.js';

/** Members of `Math` whose results every engine gives exactly; the others are approximations that differ between engines. */
const EXACT_MATH = new Set(['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc']);

/** Globals whose answers depend on the engine, the machine, the place or the time. */
const BANNED_GLOBALS = new Map([
  ['Date', 'time decides no bit'],
  ['performance', 'time decides no bit'],
  ['Intl', 'locale data differ between engines'],
  ['crypto', 'random numbers come from the seeded generator'],
]);

/** Methods that ask the engine's Unicode or locale tables. */
const BANNED_METHODS = new Set([
  'toLowerCase',
  'toUpperCase',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
  'toLocaleString',
  'toLocaleDateString',
  'toLocaleTimeString',
  'localeCompare',
  'normalize',
]);

/** Expressions in `file` whose value may differ from one engine to the next. */
export function checkArithmetic(file: ts.SourceFile): Violation[] {
  const found: Violation[] = [];
  walk(file, (node) => {
    const rule = ruleOf(node);
    if (rule !== null) found.push({ place: placeOf(node), rule });
  });
  return found;
}

function ruleOf(node: ts.Node): string | null {
  if (ts.isIdentifier(node)) return ruleOfIdentifier(node);
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression))
    return ruleOfMember(node.argumentExpression.text);
  if (ts.isBindingElement(node)) return ruleOfMember((node.propertyName ?? node.name).getText());
  if (ts.isRegularExpressionLiteral(node)) return ruleOfPattern(node.text);
  if (ts.isForInStatement(node)) return 'for-in: keys of an object decide no order';
  if (node.kind === ts.SyntaxKind.AsteriskAsteriskToken || node.kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken) {
    return '**: engines differ in its last bit';
  }
  return null;
}

function ruleOfIdentifier(node: ts.Identifier): string | null {
  const { parent, text } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return ruleOfMember(text);
  if (isName(node)) return null;
  if (text === 'Math') return ruleOfMath(node);
  const why = BANNED_GLOBALS.get(text);
  return why === undefined ? null : `${text}: ${why}`;
}

/** `Math` itself may only be asked, by name, for a member of the list: no alias, no destructuring, no computed key. */
function ruleOfMath(node: ts.Identifier): string | null {
  const { parent } = node;
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== node) return 'Math: name the exact member that is used';
  return EXACT_MATH.has(parent.name.text) ? null : `Math.${parent.name.text}: engines differ in its last bit`;
}

function ruleOfMember(name: string): string | null {
  if (BANNED_METHODS.has(name)) return `${name}: the tables behind it differ between engines; use the frozen ones`;
  // globalThis.Math, globalThis.Date
  return name === 'Math' || BANNED_GLOBALS.has(name) ? `${name}: not by way of another object` : null;
}

function ruleOfPattern(text: string): string | null {
  const flags = text.slice(text.lastIndexOf('/') + 1);
  if (/\\[pP]\{/.test(text)) return `${text}: Unicode properties differ between engines; use the frozen tables`;
  return flags.includes('i') ? `${text}: case folding differs between engines` : null;
}

/** Whether `node` only names something new (a property, a parameter, a declared type) and reads no global. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isPropertySignature(parent) && parent.name === node) ||
    (ts.isPropertyDeclaration(parent) && parent.name === node) ||
    (ts.isMethodDeclaration(parent) && parent.name === node) ||
    (ts.isMethodSignature(parent) && parent.name === node) ||
    (ts.isEnumMember(parent) && parent.name === node)
  );
}
