package dev.workerfarm.cli;

import dev.workerfarm.cli.calls.DownloadCommand;
import dev.workerfarm.cli.calls.MapCommand;
import dev.workerfarm.cli.calls.PoolSession;
import dev.workerfarm.cli.calls.RunCommand;
import dev.workerfarm.cli.calls.SquareCommand;
import dev.workerfarm.cli.dead.DeadCommand;
import dev.workerfarm.cli.inspect.ResultCommand;
import dev.workerfarm.cli.inspect.RevokeCommand;
import dev.workerfarm.cli.inspect.StatusCommand;
import dev.workerfarm.cli.inspect.TasksCommand;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.cli.output.WrongUsage;
import dev.workerfarm.cli.shared.ArrayCommand;
import dev.workerfarm.cli.shared.ValueCommand;
import dev.workerfarm.config.Durations;
import dev.workerfarm.config.FarmEnvironment;
import dev.workerfarm.config.Version;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.error.FarmException;
import dev.workerfarm.error.PoolFailedException;
import dev.workerfarm.shared.Typecode;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
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
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;

/** {@code farm producer}: publishes tasks from a command line, prints their results, and looks after shared state. */
@Command(
        name = "producer",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            SquareCommand.class,
            DownloadCommand.class,
            RunCommand.class,
            MapCommand.class,
            ValueCommand.class,
            ArrayCommand.class,
            StatusCommand.class,
            TasksCommand.class,
            ResultCommand.class,
            RevokeCommand.class,
            DeadCommand.class
        },
        description = "Publishes tasks to the farm, waits for their results and prints them.",
        footer = {
            "",
            "The broker is at FARM_AMQP_URL, Redis at FARM_REDIS_URL; where these are not",
            "set, at what a running ./farm up wrote to .farm/env, else at what the file .env",
            "of docker compose says (the broker alone), else on this machine.",
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
    /** What Java puts in place of bytes that are no character of the locale's. */
    private static final char UNREADABLE = '\ufffd';

    private static final String ENDS = "130 interrupted, 141 nobody read the results.%n";

    public static void main(String[] args) {
        if (Arrays.asList(args).contains("--verbose")) {
            System.setProperty("farm.log.level", "DEBUG"); // read by LogSetup, before anything logs
        }
        var err = stream(FileDescriptor.err);
        var encoding = System.getProperty("sun.jnu.encoding");
        if (!"UTF-8".equals(encoding) && Arrays.stream(args).anyMatch(word -> word.indexOf(UNREADABLE) >= 0)) {
            err.println("farm producer: Java cannot read an argument in this locale (" + encoding
                    + "): set LC_ALL=C.UTF-8, as ./farm does");
            System.exit(ExitCode.USAGE);
            return;
        }
        Map<String, String> environment;
        try {
            var launcher = System.getProperty("farm.home");
            var known = FarmEnvironment.load(System.getenv(), home());
            environment = launcher == null ? known : ComposeFarm.find(known, Path.of(launcher));
        } catch (IllegalArgumentException e) {
            err.println("farm producer: " + e.getMessage());
            System.exit(ExitCode.USAGE);
            return;
        }
        System.exit(run(args, Console.withTerminals(environment), System.in, results(err), err));
    }

    /** Standard output. Says why it cannot be written, as a PrintStream does not, unless its reader has gone. */
    private static PrintStream results(PrintStream err) {
        var out = new FileOutputStream(FileDescriptor.out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    super.write(bytes, offset, length);
                } catch (IOException e) {
                    if (!"Broken pipe".equals(e.getMessage())) {
                        err.println("farm producer: cannot write the results: " + e.getMessage());
                    }
                    throw e;
                }
            }
        };
        return new PrintStream(out, false, StandardCharsets.UTF_8);
    }

    /** Runs one command line, whole, with these FARM_ variables, and returns the exit code. */
    public static int run(
            String[] args, Map<String, String> environment, InputStream in, PrintStream out, PrintStream err) {
        var console = new Console(in, out, err, environment);
        return commandLine()
                .setParameterExceptionHandler((wrong, all) -> {
                    WrongUsage.lines("farm producer", wrong).forEach(console::say);
                    return ExitCode.USAGE;
                })
                .setExecutionStrategy(parsed -> execute(parsed, console))
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .execute(args);
    }

    private static int execute(CommandLine.ParseResult parsed, Console console) {
        if (!parsed.unmatched().isEmpty() && !parsed.hasSubcommand()) { // picocli helps whatever stands before --help
            var command = parsed.commandSpec().commandLine();
            throw new CommandLine.ParameterException(
                    command, "there is no command '" + parsed.unmatched().get(0) + "'; see --help");
        }
        var commands = parsed.asCommandLineList();
        var last = commands.get(commands.size() - 1);
        var help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        if (!(last.getCommandSpec().userObject() instanceof Action action)) {
            return new CommandLine.RunLast().execute(parsed); // says that a command is missing
        }
        try {
            console.requireFarm();
            return action.run(console);
        } catch (Exception e) {
            return report(e, last.getParseResult().matchedOptionValue("--verbose", false), console);
        }
    }

    /** Says in one line why a command ended; nothing where it was interrupted or its output closed. */
    private static int report(Exception thrown, boolean verbose, Console console) {
        // PoolSession ends the pool by these.
        var e = thrown instanceof PoolFailedException && thrown.getCause() instanceof BrokerUnreachableException gone
                ? gone
                : thrown;
        var interrupted = PoolSession.isShuttingDown() || Thread.currentThread().isInterrupted();
        var code = interrupted ? ExitCode.INTERRUPTED : ExitCode.of(e);
        if (code == ExitCode.INTERRUPTED || code == ExitCode.OUTPUT_CLOSED) {
            return code;
        }
        var known = e instanceof FarmException || code == ExitCode.USAGE;
        console.say("farm producer: " + (known ? String.valueOf(e.getMessage()) : "unexpected: " + e));
        var hint = ComposeFarm.hint(e, console.environment());
        if (hint != null) {
            console.say("farm producer: " + hint);
        }
        if (verbose) {
            e.printStackTrace(console.err());
        } else if (!known) {
            console.say("farm producer: --verbose shows where");
        }
        return code;
    }

    /** The commands as a shell may complete them, too. */
    static CommandLine commandLine() {
        var command = new CommandLine(new ProducerCommand());
        complete(command);
        return command.setExpandAtFiles(false) // @name is an argument like any other
                .registerConverter(Duration.class, named(Durations::parse))
                .registerConverter(Typecode.class, named(Typecode::of));
    }

    /** Gives a command what all have alike. */
    private static void complete(CommandLine command) {
        var spec = command.getCommandSpec();
        if (command.getSubcommands().isEmpty() && spec.findOption("--verbose") == null) {
            var verbose = OptionSpec.builder("--verbose").type(boolean.class);
            spec.addOption(verbose.description("Stack traces and a debug log on standard error.")
                    .build());
        }
        command.setUnmatchedOptionsArePositionalParams(command.getCommandName().equals("array")); // -2: is an operand
        spec.mixinStandardHelpOptions(true).version("workerfarm " + Version.FARM);
        if (spec.parent() != null) {
            List<String> footer = new ArrayList<>(List.of(spec.usageMessage().footer()));
            footer.add(0, "");
            footer.add("%nExit codes: " + exitCodes(command.getCommandName()));
            spec.usageMessage().sortOptions(false).footer(footer.toArray(new String[0]));
        }
        command.getSubcommands().values().forEach(ProducerCommand::complete);
    }

    private static String exitCodes(String command) {
        return switch (command) {
            case "dead", "ls", "show", "replay", "rm" ->
                "0 done, 1 some letter was not there or stays, 2 wrong usage,%n"
                        + "3 broker not reachable or refuses us, 4 timed out, 130 interrupted,%n141 nobody read the results.%n";
            case "result" ->
                "0 it succeeded, 1 it failed or was revoked, 2 wrong usage,%n3 Redis not reachable, 4 it runs, was not seen, or not in time,%n"
                        + ENDS;
            case "revoke" ->
                "0 stored and told, 2 wrong usage, 3 broker or Redis not%nreachable, 4 nobody knows an id, or timed out,%n"
                        + ENDS;
            case "value", "array" -> "0 done, 1 refused, 2 wrong usage, 3 Redis not reachable,%n4 timed out, " + ENDS;
            case "tasks" ->
                "0 listed, 1 no worker says which it knows, 2 wrong usage, 3 broker%nnot reachable or refuses us, "
                        + ENDS;
            case "status" -> "0 shown, 2 wrong usage, 3 broker not reachable or refuses us,%n" + ENDS;
            default ->
                "0 all succeeded, 1 some task failed, 2 wrong usage, 3 broker not%nreachable, 4 timed out, " + ENDS;
        };
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
    private static <T> CommandLine.ITypeConverter<T> named(CommandLine.ITypeConverter<T> converter) {
        return text -> {
            try {
                return converter.convert(text);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(e.getMessage());
            }
        };
    }
}
