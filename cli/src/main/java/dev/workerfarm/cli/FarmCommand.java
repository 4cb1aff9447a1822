package dev.workerfarm.cli;

import dev.workerfarm.config.Version;
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
            "  producer  Publishes tasks, waits for their results and prints them: ./farm producer --help",
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
        System.exit(new CommandLine(new FarmCommand()).execute(args));
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
