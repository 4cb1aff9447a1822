package dev.workerfarm.pool;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ProgressReporterTest {
    private final List<Long> heard = new ArrayList<>();
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    private final Logger logger = (Logger) LoggerFactory.getLogger(ProgressReporter.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
    }

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
        assertThat(log.list)
                .extracting(event -> event.getThrowableProxy().getMessage())
                .containsExactly("a listener's own", "a listener's own");
    }

    private void runTasks() {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
