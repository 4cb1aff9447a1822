package dev.workerfarm.cli;

import dev.workerfarm.cli.calls.DownloadCommand;
import dev.workerfarm.cli.calls.MapCommand;
import dev.workerfarm.cli.calls.RunCommand;
import dev.workerfarm.cli.calls.SquareCommand;
import dev.workerfarm.cli.dead.DeadCommand;
import dev.workerfarm.cli.inspect.ResultCommand;
import dev.workerfarm.cli.inspect.RevokeCommand;
import dev.workerfarm.cli.inspect.StatusCommand;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.cli.output.Terminal;
import dev.workerfarm.cli.output.UsageReport;
import dev.workerfarm.cli.shared.ArrayCommand;
import dev.workerfarm.cli.shared.ValueCommand;
import dev.workerfarm.config.Durations;
import dev.workerfarm.config.FarmEnvironment;
import dev.workerfarm.config.Version;
import dev.workerfarm.shared.Typecode;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** {@code farm producer}: publishes tasks from a command line, prints their results, and looks after shared state. */
@Command(
        name = "producer",
        synopsisSubcommandLabel = "COMMAND",
        description = "Publishes tasks to the farm, waits for their results and prints them.",
        footer = {
            "",
            "The broker is at FARM_AMQP_URL, Redis at FARM_REDIS_URL; where these are not",
            "set, at what a running ./farm up wrote to .farm/env, else on this machine.",
            "Results go to standard output, all else to standard error.",
            "",
            "Examples:",
            "  producer square 1 2 3 4 5",
            "  producer download https://example.org/a.jpg",
            "  producer status                   workers, queues, dead letters",
            "  producer square --help            what a command takes, with examples",
            "",
            "Exit codes: 0 all succeeded, 1 some task failed, 2 wrong usage, 3 broker or",
            "Redis not reachable, 4 timed out, 130 interrupted, 141 nobody read the results."
        })
public final class ProducerCommand {
    private static final String VERSION = "workerfarm " + Version.FARM;
    private static final String ENDS = "130 interrupted, 141 nobody read the results.%n";
    private static final String TASK_CODES =
            "%nExit codes: 0 all succeeded, 1 some task failed, 2 wrong usage, 3 broker not%n"
                    + "reachable, 4 timed out, " + ENDS;
    private static final String DEAD_CODES =
            "%nExit codes: 0 done, 1 some letter was not there or stays, 2 wrong usage,%n"
                    + "3 broker not reachable or refuses us, 4 timed out, 130 interrupted,%n141 nobody read the results.%n";
    private static final Map<String, String> OTHER_CODES = Map.of(
            "dead",
            DEAD_CODES,
            "ls",
            DEAD_CODES,
            "show",
            DEAD_CODES,
            "replay",
            DEAD_CODES,
            "rm",
            DEAD_CODES,
            "result",
            "%nExit codes: 0 it succeeded, 1 it failed, 2 wrong usage, 3 Redis not reachable,%n"
                    + "4 not there, or not in time, " + ENDS,
            "revoke",
            "%nExit codes: 0 stored and told, 2 wrong usage, 3 broker or Redis not reachable,%n" + "4 timed out, "
                    + ENDS,
            "value",
            "%nExit codes: 0 done, 1 refused, 2 wrong usage, 3 Redis not reachable,%n4 timed out, " + ENDS,
            "array",
            "%nExit codes: 0 done, 1 refused, 2 wrong usage, 3 Redis not reachable,%n4 timed out, " + ENDS,
            "status",
            "%nExit codes: 0 shown, 2 wrong usage, 3 broker not reachable or refuses us,%n" + ENDS);

    private ProducerCommand() {}

    public static void main(String[] args) {
        if (Arrays.asList(args).contains("--verbose")) {
            System.setProperty("farm.log.level", "DEBUG"); // read by LogSetup, before anything logs
        }
        var err = stream(FileDescriptor.err);
        Map<String, String> environment;
        try {
            environment = new TreeMap<>(FarmEnvironment.load(System.getenv(), home()));
        } catch (IllegalArgumentException e) {
            err.println("farm producer: " + e.getMessage());
            System.exit(ExitCode.USAGE);
            return;
        }
        environment.putIfAbsent(Terminal.VARIABLE, Terminal.isStandardError() ? "1" : "0");
        System.exit(run(args, environment, new FileInputStream(FileDescriptor.in), stream(FileDescriptor.out), err));
    }

    /**
     * Runs one command line, whole.
     *
     * @param environment the FARM_ variables
     * @return the exit code
     */
    public static int run(
            String[] args, Map<String, String> environment, InputStream in, PrintStream out, PrintStream err) {
        var console = new Console(in, out, err, environment);
        return commandLine(console)
                .setExecutionExceptionHandler(new ErrorReport(console))
                .setParameterExceptionHandler(new UsageReport(console))
                .setExecutionStrategy(ProducerCommand::execute)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .execute(args);
    }

    private static int execute(ParseResult parsed) {
        if (!parsed.unmatched().isEmpty() && !parsed.hasSubcommand()) { // picocli helps whatever stands before --help
            var command = parsed.commandSpec().commandLine();
            throw new ParameterException(
                    command, "there is no command '" + parsed.unmatched().get(0) + "'; see --help");
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** The commands as a shell may complete them; not to be executed. */
    public static CommandLine forCompletion() {
        return commandLine(new Console(InputStream.nullInputStream(), System.out, System.err, Map.of()));
    }

    private static CommandLine commandLine(Console console) {
        var command = new CommandLine(new ProducerCommand())
                .addSubcommand(new SquareCommand(console))
                .addSubcommand(new DownloadCommand(console))
                .addSubcommand(new RunCommand(console))
                .addSubcommand(new MapCommand(console))
                .addSubcommand(new ValueCommand(console))
                .addSubcommand(ArrayCommand.line(console))
                .addSubcommand(new StatusCommand(console))
                .addSubcommand(new ResultCommand(console))
                .addSubcommand(new RevokeCommand(console))
                .addSubcommand(DeadCommand.line(console));
        command.getCommandSpec().mixinStandardHelpOptions(true).version(VERSION);
        command.getSubcommands().values().forEach(ProducerCommand::complete);
        return command.setExpandAtFiles(false) // @name is an argument like any other
                .registerConverter(Duration.class, named(Durations::parse))
                .registerConverter(Typecode.class, named(Typecode::of));
    }

    /** Gives a command what all have alike. */
    private static void complete(CommandLine command) {
        var spec = command.getCommandSpec().mixinStandardHelpOptions(true).version(VERSION);
        List<String> footer = new ArrayList<>(Arrays.asList(spec.usageMessage().footer()));
        footer.add(OTHER_CODES.getOrDefault(command.getCommandName(), TASK_CODES));
        spec.usageMessage().sortOptions(false).footer(footer.toArray(new String[0]));
        command.getSubcommands().values().forEach(ProducerCommand::complete);
    }

    /** Where {@code .farm/env} is looked for: here, else in the folder of the launcher. */
    private static Path home() {
        var here = Path.of("").toAbsolutePath();
        var launcher = System.getProperty("farm.home");
        return launcher == null || Files.exists(FarmEnvironment.file(here)) ? here : Path.of(launcher);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
    }

    /** A converter whose complaint reaches the user as it is. */
    private static <T> ITypeConverter<T> named(ITypeConverter<T> converter) {
        return text -> {
            try {
                return converter.convert(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }
}
