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
import java.util.Map;

/** The streams of the command line, which others own, and the FARM_ variables, those of {@code .farm/env} included. */
public record Console(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {
    /** 1: standard error is a terminal, 0: it is none, not set: see for yourself. */
    public static final String TERMINAL = "FARM_STDERR_TTY";

    public Console {
        environment = Map.copyOf(environment);
    }

    /** Whether this process's standard error is a terminal; Java's own console() is about the other two streams. */
    public static boolean isTerminal() {
        try {
            var target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false; // not Linux: there the launcher says so by the variable
        }
    }

    public boolean hasTerminal() {
        return "1".equals(environment.get(TERMINAL));
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

    /** One line on standard error, whatever the text contains: control characters could command a terminal. */
    public void say(String text) {
        err.println(text.replaceAll("\\R", " ").replaceAll("\\p{Cntrl}", "?"));
        err.flush();
    }

    /** Nobody reads our results any more, as after {@code | head -1}: time to end, quietly. */
    static final class OutputClosedException extends RuntimeException {
        OutputClosedException() {
            super("standard output is closed");
        }
    }
}
