package dev.workerfarm.worker.link;

import dev.workerfarm.loop.Loop;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child's end of the link to its parent: lines of a word and for some a blank and the rest, over descriptors 3 (read)
 * and 4 (written), which no subprocess of a task inherits, as the JDK closes all descriptors above 2 in the processes
 * that it starts. Descriptor 3 ends when the parent ends. Threads may share it.
 */
public final class ParentLink {
    /** From the child: it consumes every queue of its lane. */
    public static final String READY = "READY";
    /** From the child: it does not consume. Another {@link #READY} follows when the broker is back. */
    public static final String NOT_READY = "NOT_READY";
    /** From the child, with milliseconds: it ends by itself. If it has not ended in time, the parent kills it. */
    public static final String ENDING = "ENDING ";
    /** From the child: its end is no death, it is to be replaced. */
    public static final String RECYCLED = "RECYCLED";
    /** From the child, the last line before exit code 3: why the broker cannot be used. */
    public static final String UNREACHABLE = "UNREACHABLE ";
    /** From the child: the report of the death of the named process is stored in Redis. */
    public static final String RECORDED = "RECORDED ";
    /** From the parent: the question whether the child still works. From the child: the answer. */
    public static final String ALIVE = "ALIVE";
    /** From the parent alone: a question for the metrics' values. From the child, with the values behind it: the answer. */
    public static final String METRICS = "METRICS";
    /** From the parent: a {@link DeathReport} follows on the line. Alone: all earlier deaths have been reported. */
    public static final String DIED = "DIED";

    private static final Path READ_FROM = Path.of("/dev/fd/3");
    private static final Path WRITE_TO = Path.of("/dev/fd/4");

    private static final Logger LOG = LoggerFactory.getLogger(ParentLink.class);

    private final BufferedReader lines;
    private final Consumer<String> parent;
    private final Map<String, Supplier<String>> answers = new ConcurrentHashMap<>();
    private final Queue<String> deaths = new ConcurrentLinkedQueue<>();
    private final CountDownLatch deathsKnown = new CountDownLatch(1);
    private final Loop watch = Loop.ending("workerfarm-parent-watch", this::readLine, fault -> this.gone.run());
    private Runnable gone = () -> {}; // set before the loop starts

    ParentLink(InputStream in, Consumer<String> parent) {
        this.lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        this.parent = parent;
    }

    /** A link to a parent in this process: {@code parent} takes the child's lines, {@link #hear} the parent's. */
    public ParentLink(Consumer<String> parent) {
        this(InputStream.nullInputStream(), parent);
    }

    /** Opens the descriptors that the parent has left for this process; fails where no parent has started it. */
    public static ParentLink open() throws IOException {
        var in = new FileInputStream(READ_FROM.toFile());
        var out = new PrintStream(new FileOutputStream(WRITE_TO.toFile()), true, StandardCharsets.UTF_8);
        return new ParentLink(in, out::println);
    }

    /** Whether this process consumes every queue of its lane. */
    public void ready(boolean isReady) {
        say(isReady ? READY : NOT_READY);
    }

    /** This process ends by itself; the parent kills it if it has not ended in time. */
    public void ending(Duration time) {
        say(ENDING + time.toMillis());
    }

    /** This process ends by itself, which is no death. */
    public void recycled() {
        say(RECYCLED);
    }

    /** Says how a question is answered from now on, in one line, at once: its thread watches the parent. */
    public void answer(String question, Supplier<String> answer) {
        answers.put(question, answer);
    }

    /** Waits until the parent has reported the deaths from before the start of this process, or until the timeout. */
    public void awaitDeaths(Duration timeout) throws InterruptedException {
        if (!deathsKnown.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("the parent did not say which processes died timeoutMs={}", timeout.toMillis());
        }
    }

    /** The next report of a death, a {@link DeathReport}'s line, or null: there is none. */
    @Nullable
    public String nextDeath() {
        return deaths.poll();
    }

    /** The report of this process's death is stored in Redis: the parent need not keep it. */
    public void recorded(String process) {
        say(RECORDED + process);
    }

    /** Says why the broker cannot be used: the parent shows it, once for all its children. */
    public void unreachable(String reason) {
        say(UNREACHABLE + reason.replaceAll("\\R", " "));
    }

    /** Starts to read what the parent writes; {@code gone} runs once, when the parent has ended or cannot be read. */
    public void watch(Runnable gone) {
        this.gone = gone;
        watch.start();
    }

    /** A fault ends this loop too: a child that no longer sees its parent must not go on. */
    private void readLine() {
        String line;
        try {
            line = lines.readLine();
        } catch (IOException e) {
            LOG.debug("reading from the parent failed: it has ended", e);
            line = null;
        }
        if (line == null) {
            gone.run();
            watch.stopAfterThisPass();
        } else {
            hear(line);
        }
    }

    /** A line of the parent's. */
    public void hear(String line) {
        if (line.equals(DIED)) {
            deathsKnown.countDown();
        } else if (line.startsWith(DIED + " ")) {
            deaths.add(line.substring(DIED.length() + 1));
        } else {
            reply(line);
        }
    }

    private void reply(String question) {
        var answer = answers.get(question);
        try {
            say(question + " " + (answer == null ? "" : answer.get()));
        } catch (RuntimeException e) { // the end of the parent must still be seen
            LOG.error("cannot answer question={}", question, e);
        }
    }

    private synchronized void say(String line) {
        parent.accept(line);
    }
}
