package dev.workerfarm.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.loop.Loop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that ends when this JVM ends: closed, exited, interrupted at the terminal or killed with SIGKILL. A small
 * shell wrapper watches the pipe that this JVM holds open and kills the program's process group at its end. The wrapper
 * and the program have sessions of their own where the machine has {@code setsid}, so a Ctrl-C reaches only the JVM, which
 * can still use the program while it stops. Whoever starts it closes it; any thread may call any method.
 */
public final class Leash implements AutoCloseable {
    private static final String OWN_SESSION =
            "if command -v setsid >/dev/null 2>&1; then exec setsid /bin/sh -c \"$0\" \"$@\"; else exec /bin/sh -c \"$0\" \"$@\"; fi";
    private static final String SCRIPT = script();
    private static final int TAIL_LINES = 40;
    private static final Duration KILL_DEADLINE = Duration.ofSeconds(10);
    private static final Duration OUTPUT_DEADLINE = Duration.ofSeconds(1);

    private final Process wrapper;
    private final BufferedReader output;
    private final long pid;
    private final ProcessHandle program;
    private final Loop reader;

    @GuardedBy("tail")
    private final Deque<String> tail = new ArrayDeque<>();

    private Leash(ProcessBuilder builder, List<String> command, String input) throws IOException {
        this.wrapper = builder.start();
        var whole = (input.isEmpty() || input.endsWith("\n") ? input : input + "\n") + "--end--\n";
        wrapper.getOutputStream().write(whole.getBytes(StandardCharsets.UTF_8));
        wrapper.getOutputStream().flush();
        this.output = wrapper.inputReader(StandardCharsets.UTF_8);
        var first = output.readLine();
        while (first != null && !first.startsWith("pid ")) { // the program may be faster than the shell
            tail.addLast(first);
            first = output.readLine();
        }
        if (first == null) {
            wrapper.destroyForcibly();
            throw new IOException("cannot start " + command + ": /bin/sh says " + String.join("\n", tail));
        }
        this.pid = Long.parseLong(first.substring("pid ".length()));
        // A program that has ended already has no handle any more; then the wrapper ends too.
        this.program = ProcessHandle.of(pid).orElse(wrapper.toHandle());
        var name = Path.of(command.get(0)).toFile().getName();
        this.reader = Loop.goingOn("workerfarm-output-of-" + name, this::readOutput);
        reader.start();
    }

    /**
     * Starts a program and returns at once; the last lines of its output are kept. All users of the machine may see the
     * command, nobody the input, of which no line may be {@code --end--}. The environment is added to this JVM's.
     */
    public static Leash start(List<String> command, String input, Map<String, String> environment, Path folder)
            throws IOException {
        var builder = wrapper("", "", command).directory(folder.toFile());
        builder.environment().putAll(environment);
        return new Leash(builder, command, input);
    }

    /**
     * Starts a server without input, and with these variables alone, and returns at once. It must stay in the foreground and
     * be its own process, not a script that starts another. It runs in {@code scratch}, which is removed if this JVM ends
     * first; what it prints is appended to the log.
     */
    public static Leash startServer(Path scratch, Path log, Map<String, String> environment, List<String> command) {
        var builder = wrapper(scratch.toString(), log.toString(), command).directory(scratch.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return new Leash(builder, command, "");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command, e);
        }
    }

    private static ProcessBuilder wrapper(String scratch, String log, List<String> command) {
        var line = new ArrayList<>(List.of("/bin/sh", "-c", OWN_SESSION, SCRIPT, "leash", scratch, log));
        line.addAll(command);
        return new ProcessBuilder(line).redirectErrorStream(true);
    }

    public boolean isAlive() {
        return wrapper.isAlive();
    }

    /** The program's process id, which is its process group's too where the machine has {@code setsid}. */
    public long pid() {
        return pid;
    }

    /** The last lines of an output that is kept in memory, for a failure message. */
    public String tail() {
        synchronized (tail) {
            return String.join("\n", tail);
        }
    }

    /** Waits until the program has ended and its output is read. False if the deadline came first. */
    public boolean awaitEnd(Duration deadline) throws InterruptedException {
        boolean ended = wrapper.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
        if (ended) {
            reader.join(OUTPUT_DEADLINE);
        }
        return ended;
    }

    /** Asks the program to end (SIGTERM) and waits; kills it where it takes longer than the patience. */
    public void terminate(Duration patience) {
        if (isAlive()) {
            program.destroy();
        }
        try {
            if (!awaitEnd(patience)) {
                close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while process " + pid + " ended", e);
        }
    }

    /** Stops the program in its tracks (SIGSTOP); {@link #close} still ends it. */
    public void freeze() {
        signal("STOP");
    }

    /** Lets a frozen program go on. */
    public void thaw() {
        signal("CONT");
    }

    /** Kills the program and its children (SIGKILL) and waits for their end, 10 s at most. Twice is harmless. */
    @Override
    public void close() {
        if (isAlive()) {
            program.destroyForcibly();
        }
        try {
            if (!awaitEnd(KILL_DEADLINE)) {
                wrapper.destroyForcibly();
                throw new IllegalStateException("process " + pid + " outlives SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it is killed, but perhaps not gone yet
        }
    }

    private void signal(String name) {
        try {
            var status = new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("cannot send SIG" + name + " to process " + pid);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while process " + pid + " was signalled", e);
        }
    }

    /** One pass: reads a line. A program whose output nobody reads would wait for ever. */
    private void readOutput() {
        @Nullable String line;
        try {
            line = output.readLine();
        } catch (IOException e) {
            line = "(its output broke off: " + e.getMessage() + ")";
            reader.stopAfterThisPass();
        }
        if (line == null) {
            reader.stopAfterThisPass();
            return;
        }
        synchronized (tail) {
            tail.addLast(line);
            if (tail.size() > TAIL_LINES) {
                tail.removeFirst();
            }
        }
    }

    private static String script() {
        try (InputStream script = Objects.requireNonNull(Leash.class.getResourceAsStream("leash.sh"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("leash.sh cannot be read from the jar", e);
        }
    }
}
