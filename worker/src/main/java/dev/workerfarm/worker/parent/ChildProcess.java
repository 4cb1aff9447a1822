package dev.workerfarm.worker.parent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.config.Variables;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.link.Assignment;
import dev.workerfarm.worker.link.Child;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.LineReader;
import dev.workerfarm.worker.link.RunningReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A child JVM. Its log is passed on, the last lines are kept; what it runs is in a file, read when it has died. */
public final class ChildProcess implements Child {
    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);
    /** Tasks' own code and their subprocesses may write anything. */
    private static final int MAX_LOG_LINE_BYTES = 64 * 1024;
    /** Only our own code writes to the link; the longest line has the metrics of all tasks. */
    private static final int MAX_LINK_LINE_BYTES = 1024 * 1024;

    /** A child that reads has none of them waiting; those of a death have up to 9 kB. */
    private static final int MOST_WORDS = 256;

    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    private static final Duration LAST_LOG_LINES = Duration.ofMillis(300);

    private final Process process;
    private final @Nullable OpenFile running;
    private final Consumer<byte[]> sink;
    /** What the child is to hear. Another thread writes it, as the pipe of a child that does not read may be full. */
    private final BlockingQueue<String> words = new LinkedBlockingQueue<>(MOST_WORDS);

    private final Loop speaker;
    private final LogTail tail = new LogTail();
    private final LineLoop control;
    private final LineLoop log;

    /**
     * Starts a child, with variables over the parent's own as {@link Variables#merge} has it. Each line of its log goes
     * to {@code sink}, each line of its end of the link to {@code control}; if that throws, the child is asked to stop.
     */
    public ChildProcess(
            ChildCommand command,
            Lane lane,
            String name,
            List<String> javaOptions,
            Map<String, String> environment,
            Consumer<byte[]> sink,
            Consumer<String> control)
            throws IOException {
        this.sink = sink;
        this.running = runningFile();
        var assignment = new Assignment(lane.name(), name, running == null ? null : running.path());
        var folder = new WorkingFolder(Path.of(System.getProperty("user.dir")), WorkingFolder.isGone());
        var options = new ArrayList<>(javaOptions);
        options.addAll(folder.options());
        var builder = new ProcessBuilder(command.shellLine(assignment, options)).directory(folder.forChild());
        var variables = Variables.merge(builder.environment(), environment);
        builder.environment().clear();
        builder.environment().putAll(variables);
        builder.environment().keySet().removeAll(command.withoutVariables());
        if (!"UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
            builder.environment().put("LC_ALL", "C.UTF-8"); // file names of tasks
        }
        Process started = null;
        try {
            started = builder.start();
            this.process = started;
            var link = process.outputWriter(StandardCharsets.UTF_8);
            this.speaker = Loop.goingOn("workerfarm-child-" + name + "-words", () -> speak(link));
            var heard = new LineReader(process.getInputStream(), MAX_LINK_LINE_BYTES);
            this.control = new LineLoop(
                    name + "-control", heard, each -> hear(new String(each, StandardCharsets.UTF_8), control));
            var lines = new LineReader(process.getErrorStream(), MAX_LOG_LINE_BYTES);
            this.log = new LineLoop(name + "-log", lines, this::passOn);
            this.control.loop.start();
            this.log.loop.start();
            this.speaker.start();
        } catch (Throwable e) { // nothing is left of a start that failed
            if (started != null) {
                started.destroyForcibly();
            }
            if (running != null) {
                killUnknown(running.path());
                running.close();
            }
            if (e instanceof OutOfMemoryError && String.valueOf(e.getMessage()).contains("native thread")) {
                throw new IOException(e.getMessage(), e); // as scarce as processes are, and for the same reason
            }
            throw e;
        }
    }

    /** Kills a child that runs though its start failed: the JDK had no thread to wait for its end. */
    private static void killUnknown(Path running) {
        ProcessHandle.current()
                .children()
                .filter(child -> child.info()
                        .commandLine()
                        .filter(line -> line.contains(running.toString()))
                        .isPresent())
                .forEach(ProcessHandle::destroyForcibly);
    }

    private void hear(String line, Consumer<String> control) {
        try {
            control.accept(line);
        } catch (Throwable e) { // what its parent knows of it may be wrong now
            terminate();
            throw e;
        }
    }

    private void passOn(byte[] line) {
        tail.add(new String(line, StandardCharsets.UTF_8));
        sink.accept(line);
    }

    /** The parent's working directory. No JVM starts in one that was deleted. */
    record WorkingFolder(Path path, boolean gone) {
        private static final Path PRESENT = Path.of("/proc/self/cwd");

        static boolean isGone() {
            try {
                return Files.notExists(PRESENT.toRealPath());
            } catch (IOException e) { // or this system does not say
                return true;
            }
        }

        /** Null: the parent's own. A deleted one may have been made anew. */
        @Nullable
        File forChild() {
            return gone && Files.isExecutable(path) ? path.toFile() : isLost() ? new File("/") : null;
        }

        /** What is relative stays where it was. */
        List<String> options() {
            return isLost() ? List.of("-Duser.dir=" + path) : List.of();
        }

        private boolean isLost() {
            return gone && Files.notExists(path);
        }
    }

    private static @Nullable OpenFile runningFile() {
        try {
            var path = Files.createTempFile("workerfarm-", ".running");
            return new OpenFile(path, Files.newInputStream(path));
        } catch (IOException e) {
            LOG.warn(
                    "no file for the running tasks of a process, its death will be charged to none reason={}",
                    e.toString());
            return null;
        }
    }

    /** The file that the child writes. The child removes its name once it has opened it. */
    private record OpenFile(Path path, InputStream content) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            content.close();
            Files.deleteIfExists(path); // of a child that ended before it opened it
        }
    }

    @Override
    public long pid() {
        return process.pid();
    }

    /** And for its last lines: 300 ms at most, as another process may hold its log open. */
    @Override
    public int waitFor() throws InterruptedException {
        var exit = process.waitFor();
        speaker.stop();
        control.loop.join(LAST_WORDS);
        log.loop.join(LAST_LOG_LINES);
        return exit;
    }

    @Override
    public @Nullable DeathReport report(int exit) {
        if (running == null) {
            return null;
        }
        try (var file = running) {
            var dead = RunningReader.read(ByteBuffer.wrap(file.content().readAllBytes()));
            return dead == null || dead.running().isEmpty()
                    ? null
                    : new DeathReport(dead.process(), exit, dead.running(), tail.lines());
        } catch (IOException e) {
            LOG.warn("cannot read which tasks the process ran pid={} reason={}", pid(), e.toString());
            return null;
        }
    }

    @Override
    public Duration cpuTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** To a child that has not read for long nothing is said. */
    @Override
    public void say(String line) {
        if (!words.offer(line)) {
            LOG.debug("not said, as the process does not read pid={}", pid());
        }
    }

    private void speak(Writer link) throws InterruptedException {
        var line = words.take();
        try {
            link.write(line + "\n");
            link.flush();
        } catch (IOException e) {
            LOG.debug("cannot write to the process, it has ended pid={} reason={}", pid(), e.getMessage());
            speaker.stopAfterThisPass();
        }
    }

    /** SIGTERM. */
    @Override
    public void terminate() {
        process.toHandle().destroy(); // Process.destroy would close the link too, as the end of its parent does
    }

    @Override
    public void killAfter(Duration time) {
        process.onExit()
                .completeOnTimeout(process, time.toMillis(), TimeUnit.MILLISECONDS)
                .thenAccept(ended -> {
                    if (ended.isAlive()) {
                        LOG.warn("killing a process that does not end pid={} afterMs={}", pid(), time.toMillis());
                        kill();
                    }
                });
    }

    /** SIGKILL. */
    @Override
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Reads the lines of one of the child's streams until its end. After a fault it goes on with the next line. */
    private final class LineLoop {
        private final LineReader reader;
        private final Consumer<byte[]> lines;
        private final Loop loop;

        LineLoop(String name, LineReader reader, Consumer<byte[]> lines) {
            this.reader = reader;
            this.lines = lines;
            this.loop = Loop.goingOn("workerfarm-child-" + name, this::readLine);
        }

        private void readLine() {
            byte @Nullable [] line;
            try {
                line = reader.next();
            } catch (IOException e) {
                // The pipe of a killed child may break in the middle of a line; its exit code says the rest.
                tail.add("(log cut: " + e.getMessage() + ")");
                line = null;
            }
            if (line == null) {
                loop.stopAfterThisPass();
            } else {
                lines.accept(line);
            }
        }
    }

    /** The last lines of a log. Threads may share it. */
    static final class LogTail {
        private static final int MAX_LINES = 40;
        private static final int MAX_LINE_CHARS = 500;

        @GuardedBy("this")
        private final Deque<String> lines = new ArrayDeque<>();

        synchronized void add(String line) {
            if (lines.size() == MAX_LINES) {
                lines.removeFirst();
            }
            lines.addLast(line.length() > MAX_LINE_CHARS ? line.substring(0, MAX_LINE_CHARS) : line);
        }

        synchronized List<String> lines() {
            return List.copyOf(lines);
        }
    }
}
