package dev.workerfarm.worker;

import dev.workerfarm.config.Variables;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running child JVM: started here, its lines read here. Its standard error is passed on; its last lines are kept. */
final class ChildProcess {
    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);

    private final Process process;
    private final Writer questions;
    private final LogTail tail = new LogTail();

    private ChildProcess(Process process) {
        this.process = process;
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
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
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java, "-XX:+UseSerialGC", "-Xshare:auto"));
        command.addAll(javaOptions);
        command.addAll(List.of(
                "-Dfarm.process=" + name, // in the log's JSON
                "-cp",
                System.getProperty("java.class.path"),
                WorkerProcess.class.getName(),
                lane.word(),
                name));
        var builder = new ProcessBuilder(command);
        var variables = Variables.merge(builder.environment(), environment);
        builder.environment().clear();
        builder.environment().putAll(variables);
        try {
            var child = new ChildProcess(builder.start());
            child.read(name + "-control", child.process.inputReader(StandardCharsets.UTF_8), control);
            child.read(name + "-log", child.process.errorReader(StandardCharsets.UTF_8), line -> {
                child.tail.add(line);
                System.err.println(line);
            });
            return child;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a worker process with " + java, e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Waits for its end. */
    int waitFor() throws InterruptedException {
        return process.waitFor();
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

    private void read(String name, BufferedReader reader, Consumer<String> lines) {
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
    }
}
