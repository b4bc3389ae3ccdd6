import { describeKind, SETTINGS, type Setting } from 'sparsetag';
import { type Command, HELP, QUIET } from './command.js';
import { COMMANDS } from './commands.js';
import { locateExamples } from './examples.js';
import { formatTable } from './render/table.js';

export function generalHelp(version: string): string {
  return locateExamples(`sparsetag ${version} - multi-task sequence tagging with sparse sharing

usage: sparsetag COMMAND [arguments] [options]

commands:
${indent(
  formatTable(
    COMMANDS.map(({ name, summary }) => [name, summary]),
    ['left', 'left'],
  ),
)}
sparsetag COMMAND --help says more about one of them.

a first model, from data to tags:
  sparsetag data get gum
  sparsetag train --config examples/quickstart.json --out runs/first
  echo 'Ada Lovelace lived in London .' | sparsetag tag runs/first/model.safetensors

Data go to standard output, everything else to standard error; - stands for a standard stream.
exit status: 0 ok, 1 failed, 2 usage or config, 3 bad data, 4 bad model file, 5 verification mismatch,
  6 resources, 75 stopped with a checkpoint, 130 and 143 the same after SIGINT and SIGTERM
`);
}

export function commandHelp(command: Command): string {
  const options = Object.entries({ ...command.options, quiet: QUIET, help: HELP }).map(([name, { value, short, help }]) => [
    `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`,
    help,
  ]);
  if (command.takesSettings)
    options.push([
      '    --SECTION.KEY=VALUE',
      command.listsSettings ? 'any setting of the config, see below' : 'any setting of the config; sparsetag train --help lists them',
    ]);
  const parts = [
    `usage: sparsetag ${command.name} ${command.usage}\n`,
    `${command.description.trim()}\n`,
    `options:\n${indent(formatTable(options, ['left', 'left']))}`,
    `examples:\n${command.examples.map(([line, what]) => `  ${line}\n      ${what}\n`).join('')}`,
  ];
  if (command.listsSettings) parts.push(settingsHelp());
  return locateExamples(parts.join('\n'));
}

function settingsHelp(): string {
  const rows = SETTINGS.map((setting) => [setting.path.replace('[]', '.NAME'), defaultOf(setting), describe(setting)]);
  return `settings, in the config file or as --SECTION.KEY=VALUE (NAME: name of a task or corpus, or its place from 0):
${indent(formatTable([['setting', 'default', ''], ...rows], ['left', 'left', 'left']))}`;
}

function defaultOf(setting: Setting): string {
  if (setting.defaultText !== undefined) return setting.defaultText;
  return setting.default === undefined ? '(needed)' : JSON.stringify(setting.default);
}

function describe({ kind, help }: Setting): string {
  return kind.type === 'choice' ? `${help} (${describeKind(kind)})` : help;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
