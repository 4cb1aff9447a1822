package dev.workerfarm.worker.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a worker's processes last answered; counters of ended ones stay, so no sum decreases. Threads may share it. */
public final class SampleBoard {
    private static final Logger LOG = LoggerFactory.getLogger(SampleBoard.class);

    @GuardedBy("this")
    private final Set<Page> pages = new LinkedHashSet<>();

    @GuardedBy("this")
    private final Samples ended = new Samples();

    /** What all processes say, the last known of those included that did not answer, and how many these are. */
    public record Sum(Samples samples, int unresponsive) {}

    /** A page for a process that is about to start. */
    public Page open() {
        return new Page();
    }

    /** Asks every process and waits for their answers, at most so long. */
    public Sum ask(Duration timeout) throws InterruptedException {
        for (var page : unasked()) {
            page.question.run();
        }
        var deadline = System.nanoTime() + timeout.toNanos();
        synchronized (this) {
            for (var left = timeout.toNanos();
                    left > 0 && pages.stream().anyMatch(page -> page.asked);
                    left = deadline - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            var sum = new Samples();
            sum.add(ended);
            pages.forEach(page -> sum.add(page.last));
            return new Sum(sum, (int) pages.stream().filter(page -> page.asked).count());
        }
    }

    /** One question at a time: those of a process that never answers must not fill its pipe. */
    private synchronized List<Page> unasked() {
        var unasked = pages.stream().filter(page -> !page.asked).toList();
        unasked.forEach(page -> page.asked = true);
        return unasked;
    }

    public final class Page {
        private Runnable question = () -> {}; // set once, before the page is on the board
        private Samples last = new Samples(); // guarded by the board
        private boolean asked; // guarded by the board

        private Page() {}

        /** The process runs: from now on it is asked by {@code question}, which must not block. */
        public void started(Runnable question) {
            synchronized (SampleBoard.this) {
                this.question = question;
                pages.add(this);
            }
        }

        /** It said this line of {@link Samples}. */
        public void answered(String line) {
            synchronized (SampleBoard.this) {
                try {
                    last = Samples.parse(line);
                } catch (IllegalArgumentException e) {
                    LOG.warn("a process's numbers cannot be read, the old ones stay reason={}", e.getMessage());
                }
                asked = false;
                SampleBoard.this.notifyAll();
            }
        }

        public void ended() {
            synchronized (SampleBoard.this) {
                if (pages.remove(this)) {
                    ended.addCounters(last);
                }
                SampleBoard.this.notifyAll();
            }
        }
    }
}
