package dev.workerfarm.worker;

import dev.workerfarm.config.Variables;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running child JVM: started here, its lines read here. Its standard error is passed on; its last lines are kept. */
final class ChildProcess {
    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final Process process;
    private final Writer questions;
    private final LogTail tail = new LogTail();
    private final Thread control;

    private ChildProcess(Process process, String name, Consumer<String> control) {
        this.process = process;
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        this.control = read(name + "-control", process.inputReader(StandardCharsets.UTF_8), control);
        read(name + "-log", process.errorReader(StandardCharsets.UTF_8), line -> {
            tail.add(line);
            System.err.println(line);
        });
    }

    /**
     * Starts a child of this JVM's own Java and class path.
     *
     * @param javaOptions for the child's JVM
     * @param environment variables over the parent's own, as {@link Variables#merge} has it
     * @param control receives each line of the child's standard output
     */
    static ChildProcess start(
            Lane lane,
            String name,
            List<String> javaOptions,
            Map<String, String> environment,
            Consumer<String> control) {
        var command = ChildCommand.ofThisJvm();
        var builder = new ProcessBuilder(command.line(lane, name, javaOptions));
        var variables = Variables.merge(builder.environment(), environment);
        builder.environment().clear();
        builder.environment().putAll(variables);
        try {
            return new ChildProcess(builder.start(), name, control);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a worker process with " + command.java(), e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Waits for its end, and for what it said last; a process that it left behind may hold the pipe a little longer. */
    int waitFor() throws InterruptedException {
        var exit = process.waitFor();
        control.join(LAST_WORDS.toMillis());
        return exit;
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

    /** SIGKILL. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    /** The newest lines of its log, oldest first. */
    List<String> lastLines() {
        return tail.lines();
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
