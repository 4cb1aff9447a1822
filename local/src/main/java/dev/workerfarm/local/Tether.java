package dev.workerfarm.local;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A program that ends when this JVM ends: closed, exited, interrupted at the terminal or killed with SIGKILL. A small
 * shell wrapper watches the pipe that this JVM holds open and kills the program's process group at its end. The wrapper
 * and the program have sessions of their own where the machine has {@code setsid}, so a Ctrl-C reaches only the JVM, which
 * can still use the program while it stops. Whoever starts it closes it; any thread may call any method.
 */
public final class Tether implements AutoCloseable {
    private static final String OWN_SESSION =
            "if command -v setsid >/dev/null 2>&1; then exec setsid /bin/sh -c \"$0\" \"$@\"; else exec /bin/sh -c \"$0\" \"$@\"; fi";
    private static final String SCRIPT = script();
    private static final int TAIL_LINES = 40;
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

    private final Process wrapper;
    private final CompletableFuture<Long> pid = new CompletableFuture<>();
    private final Thread reader;
    private final Deque<String> tail = new ArrayDeque<>(); // guarded by itself

    private Tether(Process wrapper, String name) {
        this.wrapper = wrapper;
        this.reader = new Thread(this::readOutput, "workerfarm-output-of-" + name);
        reader.setDaemon(true);
    }

    /**
     * Starts a program and returns at once.
     *
     * @param command the program and its arguments, which every user of the machine may see
     * @param input its standard input, which nobody sees; no line of it may be {@code --end--}
     * @param environment variables added to this JVM's
     * @param folder where it runs
     * @throws IOException if there is no {@code /bin/sh}
     */
    public static Tether start(List<String> command, String input, Map<String, String> environment, Path folder)
            throws IOException {
        var line = new ArrayList<>(List.of("/bin/sh", "-c", OWN_SESSION, SCRIPT, "tether"));
        line.addAll(command);
        var builder = new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        var tether =
                new Tether(builder.start(), Path.of(command.get(0)).toFile().getName());
        tether.reader.start();
        tether.write((input.isEmpty() || input.endsWith("\n") ? input : input + "\n") + "--end--\n");
        return tether;
    }

    public boolean isAlive() {
        return wrapper.isAlive();
    }

    /** The program's process id, which is its process group's too where the machine has {@code setsid}. */
    public long pid() {
        try {
            return pid.join();
        } catch (CompletionException e) {
            throw new IllegalStateException("It ended before it started: " + tail(), e);
        }
    }

    /** The last lines of its output, for a failure message. */
    public String tail() {
        synchronized (tail) {
            return String.join("\n", tail);
        }
    }

    /** Waits until the program has ended and its output is read. */
    public boolean awaitEnd(Duration deadline) throws InterruptedException {
        boolean ended = wrapper.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
        if (ended) {
            reader.join(Duration.ofSeconds(1).toMillis());
        }
        return ended;
    }

    /** Kills the program and waits until it is gone. Closing twice is harmless. */
    @Override
    public void close() {
        try {
            wrapper.getOutputStream().close();
        } catch (IOException e) {
            // The wrapper is gone already, and with it the program.
        }
        try {
            if (!awaitEnd(CLOSE_DEADLINE)) {
                wrapper.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A program that cannot start ends the wrapper first; its output then says why, not the broken pipe. */
    private void write(String input) {
        try {
            wrapper.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            wrapper.getOutputStream().flush();
        } catch (IOException e) {
            pid.completeExceptionally(e);
        }
    }

    private void readOutput() {
        try (var output = wrapper.inputReader(StandardCharsets.UTF_8)) {
            readPid(output);
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                remember(line);
            }
        } catch (IOException e) {
            remember("(its output broke off: " + e.getMessage() + ")");
        } finally {
            pid.completeExceptionally(new IllegalStateException("no pid"));
        }
    }

    private void readPid(BufferedReader output) throws IOException {
        var first = output.readLine();
        if (first != null && first.startsWith("pid ")) {
            pid.complete(Long.parseLong(first.substring("pid ".length())));
        } else if (first != null) {
            remember(first);
        }
    }

    private void remember(String line) {
        synchronized (tail) {
            tail.addLast(line);
            if (tail.size() > TAIL_LINES) {
                tail.removeFirst();
            }
        }
    }

    private static String script() {
        try (InputStream script = Objects.requireNonNull(Tether.class.getResourceAsStream("tether.sh"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("tether.sh cannot be read from the jar", e);
        }
    }
}
