package dev.workerfarm.local;

import dev.workerfarm.config.Version;
import dev.workerfarm.worker.WorkerCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code ./farm}: the one launcher. */
@Command(
        name = "farm",
        mixinStandardHelpOptions = true,
        version = "workerfarm " + Version.FARM,
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            WorkerCommand.class,
            CompletionCommand.class,
            TrainCommand.class,
            BenchCommand.class,
            HelpCommand.class
        },
        description = "Python's multiprocessing Pool, grown to many machines.",
        footer = {
            "  producer  Publishes tasks, waits for their results and prints them: ./farm producer --help",
            "",
            "Begin with: ./farm demo"
        })
public final class FarmCommand {
    FarmCommand() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new FarmCommand()).execute(args));
    }
}
