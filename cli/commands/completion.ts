import { SETTINGS } from 'sparsetag';
import { type Command, HELP, QUIET } from '../command.js';
import { COMMANDS } from '../commands.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../usage-error.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const completion: Command = {
  name: 'completion',
  summary: 'print a script that completes commands and options',
  usage: 'bash|zsh|fish',
  description: `Prints a completion script for a shell: names of commands, options and settings; files elsewhere.`,
  options: {},
  takesSettings: false,
  positionals: [1, 1],
  examples: [
    ['source <(sparsetag completion bash)', 'in ~/.bashrc'],
    ['sparsetag completion zsh > ~/.zfunc/_sparsetag', 'a folder of $fpath'],
    ['sparsetag completion fish > ~/.config/fish/completions/sparsetag.fish', 'found by fish itself'],
  ],
  async run(args, host) {
    const shell = SHELLS.find((name) => name === args.positionals[0]);
    if (!shell) throw new UsageError(`completion: expected ${SHELLS.join(', ')}; found ${args.positionals[0]}`);
    await host.write({ bash, zsh, fish }[shell]());
    return EXIT.ok;
  },
};

/** Options of a command as they are written, settings with their `=`. */
function wordsOf({ options, takesSettings }: Command): string[] {
  const own = Object.keys({ ...options, quiet: QUIET, help: HELP }).map((name) => `--${name}`);
  const settings = takesSettings ? SETTINGS.filter(({ path }) => !path.includes('[]')).map(({ path }) => `--${path}=`) : [];
  return [...own, ...settings];
}

function bash(): string {
  const cases = COMMANDS.map((command) => `    ${command.name}) words="${wordsOf(command).join(' ')}" ;;`);
  return `# bash completion of sparsetag: source <(sparsetag completion bash)
_sparsetag() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  # Readline cuts words at '=' and ':'; what follows is a value, for which files are offered.
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${COMMANDS.map(({ name }) => name).join(' ')} help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    help) words="${COMMANDS.map(({ name }) => name).join(' ')}" ;;
  esac
  if [[ "$current" == -* || "\${COMP_WORDS[1]}" == help ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [[ "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace
  else
    compopt -o default
    COMPREPLY=()
  fi
}
complete -F _sparsetag sparsetag
`;
}

function zsh(): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
  const commands = COMMANDS.map(({ name, summary }) => `    ${quote(name).slice(0, -1)}:${quote(summary).slice(1)}`);
  const cases = COMMANDS.map((command) => `    ${command.name}) compadd -S '' -- ${wordsOf(command).join(' ')} ;;`);
  return `#compdef sparsetag
# zsh completion of sparsetag: put this file into a folder of $fpath as _sparsetag
local -a commands
commands=(
${commands.join('\n')}
)
if (( CURRENT == 2 )); then
  _describe command commands
elif [[ $PREFIX == -* ]]; then
  case $words[2] in
${cases.join('\n')}
  esac
else
  _files
fi
`;
}

function fish(): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = COMMANDS.flatMap((command) => {
    const when = `-n '__fish_seen_subcommand_from ${command.name}'`;
    const options = Object.entries({ ...command.options, quiet: QUIET, help: HELP }).map(
      ([name, { value, short, help }]) =>
        `complete -c sparsetag ${when} -l ${name}${short ? ` -s ${short}` : ''}${value === undefined ? '' : ' -r'} -d ${quote(help)}`,
    );
    const settings = command.takesSettings
      ? SETTINGS.filter(({ path }) => !path.includes('[]')).map(
          ({ path, help }) => `complete -c sparsetag ${when} -l ${path} -r -d ${quote(help)}`,
        )
      : [];
    return [`complete -c sparsetag -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.summary)}`, ...options, ...settings];
  });
  return `# fish completion of sparsetag\n${lines.join('\n')}\n`;
}
