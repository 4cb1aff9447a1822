package dev.workerfarm.cli;

import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.cli.output.WrongUsage;
import dev.workerfarm.config.Version;
import dev.workerfarm.error.FarmException;
import java.io.IOException;
import java.util.Arrays;
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
            DemoCommand.Train.class,
            BenchCommand.class,
            ChaosCommand.class,
            HelpCommand.class
        },
        description = "Python's multiprocessing Pool, grown to many machines.",
        footer = {
            "  producer    Publishes tasks, prints their results: see ./farm producer -h",
            "",
            "Begin with: ./farm demo"
        })
public final class FarmCommand {
    static final int MOST_WORKERS = 1024; // processes of a farm

    public static void main(String[] args) {
        if (args.length > 1 && args[0].equals("help") && args[1].equals("producer")) {
            var asked = Arrays.copyOfRange(args, 2, args.length + 1);
            asked[asked.length - 1] = "--help";
            ProducerCommand.main(asked); // exits; the launcher's other command line, so none of the subcommands here
        }
        System.exit(execute(new CommandLine(new FarmCommand()), args));
    }

    /** Runs a command line; wrong usage, and a farm that does not start or breaks down, are told in short. */
    static int execute(CommandLine command, String... args) {
        return command.setParameterExceptionHandler((wrong, all) -> {
                    var name = wrong.getCommandLine().getCommandSpec().qualifiedName();
                    WrongUsage.lines(name, wrong).forEach(System.err::println);
                    return ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((thrown, failed, all) -> {
                    var isOfFile = thrown instanceof IOException; // whose message is a path
                    if (isOfFile || thrown instanceof FarmException || thrown instanceof IllegalStateException) {
                        System.err.println(failed.getCommandSpec().qualifiedName() + ": "
                                + (isOfFile ? thrown.toString() : thrown.getMessage()));
                        return ExitCode.of(thrown);
                    }
                    throw thrown;
                })
                .execute(args);
    }

    /** Whether a number that was typed is within these bounds; one line on standard error where it is not. */
    static boolean isWithin(String command, String option, int value, int least, int most) {
        var good = value >= least && value <= most;
        if (!good) {
            System.err.println(command + ": " + option + ": " + value + " is not within " + least + " to " + most);
        }
        return good;
    }
}
