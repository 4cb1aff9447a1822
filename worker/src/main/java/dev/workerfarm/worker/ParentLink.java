package dev.workerfarm.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child's line to its parent: what it says goes to its standard output, a line each, and its standard input stays open
 * for as long as the parent lives. The parent asks by a line with one word; the answer is a line of that word, a blank and
 * the rest. And it reports what has become of other children. Threads may share it.
 */
final class ParentLink {
    /** The line that says: subscribed to every queue. */
    static final String READY = "READY";
    /** The line that says: subscribed no more; another READY follows when the broker is back. */
    static final String NOT_READY = "NOT_READY";
    /** The line that says: this process ends at once; what cannot is to be killed. */
    static final String ENDING = "ENDING";
    /** The question for the metrics' values. */
    static final String METRICS = "METRICS";

    /** How the parent's lines begin that report deaths; one with nothing behind it: all there is to know at the start is told. */
    static final String DIED = "DIED";
    /** How the line begins that says whose death is noted. */
    static final String RECORDED = "RECORDED ";

    /** How the line begins that says why the broker cannot be used, the last one before exit code 3. */
    static final String UNREACHABLE = "UNREACHABLE ";

    private static final Logger LOG = LoggerFactory.getLogger(ParentLink.class);

    private final InputStream in;
    private final PrintStream out;
    private final Map<String, Supplier<String>> answers = new ConcurrentHashMap<>();
    private final Queue<String> deaths = new ConcurrentLinkedQueue<>();
    private final CountDownLatch told = new CountDownLatch(1);

    ParentLink(InputStream in, PrintStream out) {
        this.in = in;
        this.out = out;
    }

    void ready() {
        say(READY);
    }

    void notReady() {
        say(NOT_READY);
    }

    /** This process ends at once, by force if need be. */
    void ending() {
        say(ENDING);
    }

    /**
     * Says how a question is answered from now on; before, its answer is empty.
     *
     * @param answer one line, given at once: the thread that asks for it also sees the parent's end
     */
    void answer(String question, Supplier<String> answer) {
        answers.put(question, answer);
    }

    /** Waits until the parent has said which deaths it has seen before this process started, or the time is over. */
    void awaitDeaths(Duration timeout) throws InterruptedException {
        if (!told.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("the parent did not say which processes died timeoutMs={}", timeout.toMillis());
        }
    }

    /** The next report of a death, a {@link DeathReport}'s line, or null: there is none. */
    @Nullable
    String nextDeath() {
        return deaths.poll();
    }

    /** The report of this process's death is where all can find it; the parent need not keep it. */
    void recorded(String process) {
        say(RECORDED + process);
    }

    /** @param reason for the person who started us: the parent shows it, once for all its children */
    void unreachable(String reason) {
        say(UNREACHABLE + reason.replaceAll("\\R", " "));
    }

    /** Starts listening; {@code gone} runs once, on a thread of its own, when the parent is no more. */
    void watch(Runnable gone) {
        var thread = new Thread(
                () -> {
                    try (var questions = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                        for (var line = questions.readLine(); line != null; line = questions.readLine()) {
                            hear(line);
                        }
                    } catch (IOException e) {
                        LOG.debug("standard input failed: the parent is gone", e);
                    }
                    gone.run();
                },
                "workerfarm-parent-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void hear(String line) {
        if (line.equals(DIED)) {
            told.countDown();
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
        } catch (RuntimeException e) { // whatever is asked, the parent's end must still be seen
            LOG.error("cannot answer question={}", question, e);
        }
    }

    private synchronized void say(String line) {
        out.println(line);
        out.flush();
    }
}
