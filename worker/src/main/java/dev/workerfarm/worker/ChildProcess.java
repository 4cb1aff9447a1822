package dev.workerfarm.worker;

import dev.workerfarm.config.Variables;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running child JVM: started here, its lines read here. Its standard error is passed on; its last lines are kept. What it
 * runs is in a file of its own, which is read when it has died.
 */
final class ChildProcess {
    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    private static final Duration LAST_LOG_LINES = Duration.ofMillis(300);

    private final Process process;
    private final @Nullable OpenFile running;
    private final Writer questions;
    private final LogTail tail = new LogTail();
    private final Thread control;
    private final Thread log;

    private ChildProcess(Process process, @Nullable OpenFile running, String name, Predicate<String> control) {
        this.process = process;
        this.running = running;
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        this.control = read(name + "-control", process.inputReader(StandardCharsets.UTF_8), line -> {
            if (!control.test(line)) { // a JVM that does not start, or crashes, says why on its standard output
                passOn(line);
            }
        });
        this.log = read(name + "-log", process.errorReader(StandardCharsets.UTF_8), this::passOn);
    }

    private void passOn(String line) {
        tail.add(line);
        System.err.println(line);
    }

    /**
     * Starts a child of this JVM's own Java and class path.
     *
     * @param javaOptions for the child's JVM
     * @param environment variables over the parent's own, as {@link Variables#merge} has it
     * @param control receives each line of the child's standard output, and says whether it was for us; else it is one of its log
     */
    static ChildProcess start(
            Lane lane,
            String name,
            List<String> javaOptions,
            Map<String, String> environment,
            Predicate<String> control) {
        var command = ChildCommand.ofThisJvm();
        List<String> line = new ArrayList<>(command.line(lane, name, javaOptions));
        var running = runningFile();
        if (running != null) {
            line.add(running.path().toString());
        }
        var builder = new ProcessBuilder(line);
        var variables = Variables.merge(builder.environment(), environment);
        builder.environment().clear();
        builder.environment().putAll(variables);
        try {
            return new ChildProcess(builder.start(), running, name, control);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a worker process with " + command.java(), e);
        }
    }

    private static @Nullable OpenFile runningFile() {
        try {
            var path = Files.createTempFile("workerfarm-", ".running");
            return new OpenFile(path, Files.newByteChannel(path));
        } catch (IOException e) {
            LOG.warn("what a process runs when it dies will not be known, no file for that reason={}", e.toString());
            return null;
        }
    }

    /** The child's file, which the child takes the name from once it has it too. */
    private record OpenFile(Path path, SeekableByteChannel channel) implements AutoCloseable {
        ByteBuffer bytes() throws IOException {
            var bytes = ByteBuffer.allocate((int) channel.size());
            var read = 0;
            while (read >= 0 && bytes.hasRemaining()) {
                read = channel.read(bytes);
            }
            return bytes;
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.deleteIfExists(path); // of a child that did not come to it
        }
    }

    long pid() {
        return process.pid();
    }

    /** Waits for its end, and for what it said last; a process that it left behind may hold the pipe a little longer. */
    int waitFor() throws InterruptedException {
        var exit = process.waitFor();
        control.join(LAST_WORDS.toMillis());
        log.join(LAST_LOG_LINES.toMillis());
        return exit;
    }

    /**
     * How it died and of what, once it has ended so. Called once.
     *
     * @return null if it stopped on purpose, or ran nothing
     */
    @Nullable
    DeathReport report(int exit) {
        if (running == null) {
            return null;
        }
        try (var file = running) {
            var dead = RunningReader.read(file.bytes());
            return dead == null || dead.running().isEmpty()
                    ? null
                    : new DeathReport(dead.process(), exit, dead.running(), tail.lines());
        } catch (IOException e) {
            LOG.warn("not known what the process ran pid={} reason={}", pid(), e.toString());
            return null;
        }
    }

    /** Reports deaths that others have died. */
    void tell(List<String> reports) {
        for (var report : reports) {
            ask(ParentLink.DIED + " " + report);
        }
    }

    /** As {@link #tell}, of all that there is to know at its start. */
    void tellFirst(List<String> reports) {
        tell(reports);
        ask(ParentLink.DIED);
    }

    /** Asks a {@link ParentLink}'s question; the answer comes to the control lines. Nobody hears it in a dead child. */
    void ask(String question) {
        try {
            synchronized (questions) {
                questions.write(question + "\n");
                questions.flush();
            }
        } catch (IOException e) {
            LOG.debug("not asked, the process is gone pid={} reason={}", pid(), e.getMessage());
        }
    }

    /** SIGTERM. */
    void terminate() {
        process.toHandle().destroy(); // Process.destroy would close its standard input too, the sign that we are gone
    }

    /** SIGKILL, unless it has ended within this time. */
    void killAfter(Duration time) {
        process.onExit()
                .completeOnTimeout(process, time.toMillis(), TimeUnit.MILLISECONDS)
                .thenAccept(ended -> kill());
    }

    /** SIGKILL; nothing where it has ended. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    private Thread read(String name, BufferedReader reader, Consumer<String> lines) {
        var thread = new Thread(
                () -> {
                    try (reader) {
                        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                            lines.accept(line);
                        }
                    } catch (IOException e) {
                        // The pipe of a killed child may break in the middle of a line; its exit code says the rest.
                        tail.add("(log cut: " + e.getMessage() + ")");
                    }
                },
                "workerfarm-child-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
