package dev.workerfarm.cli;

import dev.workerfarm.cli.output.ExitCode;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code farm completion}: a script that has a shell complete the farm's commands and options. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints a script that has bash or zsh complete ./farm's commands and options.",
        footer = {
            "",
            "Examples:",
            "  source <(./farm completion bash)",
            "  ./farm completion bash >> ~/.bashrc",
            "  ./farm completion zsh >> ~/.zshrc",
            "",
            "Exit codes: 0 printed, 2 wrong usage."
        })
final class CompletionCommand implements Callable<Integer> {
    /** The shells that the script is for: it finds out itself in which it is. */
    enum Shell {
        bash,
        zsh
    }

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private Shell shell = Shell.bash;

    @Override
    public Integer call() {
        var farm = new CommandLine(new FarmCommand()).addSubcommand(ProducerCommand.commandLine());
        if (shell == Shell.zsh) {
            System.out.println("autoload -Uz compinit && compinit"); // bash's functions stand on zsh's own
        }
        // picocli's script takes a word that is a piece of an option, as n is of --json, for that option.
        System.out.print(
                AutoComplete.bash("farm", farm).replace("=~ ${previousWord} ]]", "== *\"'${previousWord}'\"* ]]"));
        return ExitCode.OK;
    }
}
