package dev.workerfarm.pool.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.pool.LogCapture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated // it reads the log of a class
class ProgressReporterTest {
    private final List<Long> heard = new ArrayList<>();
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @RegisterExtension
    private final LogCapture log = new LogCapture(ProgressReporter.class);

    @Test
    void aListenerHearsTheNewestCountOnly() {
        var reporter = new ProgressReporter((done, total) -> heard.add(done), -1, tasks::add);

        reporter.done(2);
        reporter.done(3);
        runTasks();
        reporter.done(1);
        runTasks();

        assertThat(heard).containsExactly(5L, 6L);
    }

    @Test
    void aListenerThatThrowsAnErrorHearsTheNextCountAndTheErrorIsLogged() {
        var reporter = new ProgressReporter(
                (done, total) -> {
                    heard.add(done);
                    throw new AssertionError("a listener's own");
                },
                -1,
                tasks::add);

        reporter.done(2);
        runTasks();
        reporter.done(3);
        runTasks();

        assertThat(heard).containsExactly(2L, 5L);
        assertThat(log.events())
                .extracting(event -> event.getThrowableProxy().getMessage())
                .containsExactly("a listener's own", "a listener's own");
    }

    @Test
    void aCountThatNoThreadCouldReportIsReportedWithTheNext() {
        var refuse = new AtomicBoolean(true);
        var reporter = new ProgressReporter((done, total) -> heard.add(done), -1, task -> {
            if (refuse.getAndSet(false)) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            tasks.add(task);
        });

        reporter.done(2);
        reporter.done(3);
        runTasks();

        assertThat(heard).containsExactly(5L);
    }

    private void runTasks() {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
