package dev.workerfarm.cli.output;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.FarmEnvironment;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.error.BrokerUnreachableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The streams of the command line, which others own, and the FARM_ variables, those of {@code .farm/env} included. */
public record Console(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {
    /** 1: standard error is a terminal that takes escape codes, 0: it is none. The launcher sets it. */
    public static final String TERMINAL = "FARM_STDERR_TTY";

    private static final String OUTPUT_TERMINAL = "FARM_STDOUT_TTY";

    public Console {
        environment = Map.copyOf(environment);
    }

    /** The variables, and where the launcher has not said it, whether this process's output is a terminal. */
    public static Map<String, String> withTerminals(Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(environment);
        all.putIfAbsent(OUTPUT_TERMINAL, isTerminal(1, environment) ? "1" : "0");
        all.putIfAbsent(TERMINAL, isTerminal(2, environment) ? "1" : "0");
        return all;
    }

    /** Java's own console() is about standard input too. */
    private static boolean isTerminal(int descriptor, Map<String, String> environment) {
        try {
            var target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return (target.startsWith("/dev/pts/") || target.startsWith("/dev/tty"))
                    && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        } catch (IOException | UnsupportedOperationException e) {
            return false; // not Linux
        }
    }

    /** Whether standard error is a terminal that takes escape codes. */
    public boolean hasTerminal() {
        return "1".equals(environment.get(TERMINAL));
    }

    /** Whether standard output is one. */
    public boolean hasOutputTerminal() {
        return "1".equals(environment.get(OUTPUT_TERMINAL));
    }

    /** Throws BrokerUnreachableException if the {@code farm up} that wrote the addresses has ended, with its services. */
    public void requireFarm() {
        var ended = FarmEnvironment.ended(environment);
        if (ended != null) {
            throw new BrokerUnreachableException(ended, null);
        }
    }

    public BrokerAddress broker() {
        return BrokerAddress.from(environment);
    }

    public RedisAddress redis() {
        return RedisAddress.from(environment);
    }

    public QueueNames names() {
        return new QueueNames(environment.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE));
    }

    /** Writes to standard output, at once; throws OutputClosedException if nobody reads it. */
    public void write(byte[] text) {
        out.write(text, 0, text.length);
        if (out.checkError()) { // flushes
            throw new OutputClosedException();
        }
    }

    /** As {@link #write(byte[])}, in UTF-8. */
    public void write(String text) {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** One line on standard error, whatever the text contains. */
    public void say(String text) {
        err.println(printable(text));
        err.flush();
    }

    /** A stranger's text as one line: control characters could command a terminal, and others turn or hide what stands there. */
    public static String printable(String text) {
        return text.replaceAll("\\R|\t", " ").replaceAll("[\\p{Cntrl}\\x{80}-\\x{9f}\\p{Cf}\\p{Cs}]", "?");
    }

    /** Nobody reads our results any more, as after {@code | head -1}: time to end, quietly. */
    static final class OutputClosedException extends RuntimeException {
        OutputClosedException() {
            super("standard output is closed");
        }
    }
}
