package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FailureLogTest {
    /** Of this thread alone: other tests' tasks fail too. */
    private final ListAppender<ILoggingEvent> events = new ListAppender<>() {
        private final Thread own = Thread.currentThread();

        @Override
        protected void append(ILoggingEvent event) {
            if (Thread.currentThread() == own) {
                super.append(event);
            }
        }
    };

    private final FailureLog log = new FailureLog();

    @BeforeEach
    void listen() {
        // Until SLF4J is set up, by another test's thread, it gives out loggers that only keep what they get.
        await().until(() -> LoggerFactory.getLogger(FailureLog.class) instanceof Logger);
        events.start();
        ((Logger) LoggerFactory.getLogger(FailureLog.class)).addAppender(events);
    }

    @AfterEach
    void leave() {
        ((Logger) LoggerFactory.getLogger(FailureLog.class)).detachAppender(events);
    }

    private List<String> lines() {
        assertThat(events.list).extracting(ILoggingEvent::getLevel).containsOnly(Level.WARN);
        return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static Outcome failed(String text) {
        return new Outcome.Failed(new Failure("IOException", "java.io", text, "a stack"));
    }

    @Test
    void aFailedTaskIsOneLineWithTheFirstLineOfItsTextAndNoPassword() {
        log.ended("id-1", "fetch", failed("cannot read amqp://me:s3cret@host/a\nand more"));
        log.ended("id-2", "fetch", failed("x".repeat(500)));

        assertThat(lines())
                .containsExactly(
                        "task failed taskId=id-1 task=fetch error=IOException: cannot read amqp://host/a",
                        "task failed taskId=id-2 task=fetch error=IOException: " + "x".repeat(200) + "...");
    }

    @Test
    void wrongArgumentsAreNotQuoted() {
        var failure = Failure.builtin("TypeError", "square() argument 'n' must be a number, not the string \"s3cret\"");

        log.ended(
                "id-1",
                "square",
                Execution.dead(failure, DeadReason.WRONG_ARGUMENTS).outcome());

        assertThat(lines()).containsExactly("task failed taskId=id-1 task=square error=TypeError: wrong arguments");
    }

    @Test
    void aHundredThousandFailuresAreTenLinesAndACountEachMinute() {
        for (int i = 0; i < 100_000; i++) {
            log.ended("map:" + i, "fetch", failed("no"));
        }
        assertThat(lines()).hasSize(10);

        log.endMinute();
        log.endMinute();
        log.ended("map:100000", "fetch", failed("no"));

        assertThat(lines())
                .hasSize(12)
                .contains("more tasks failed, not listed one by one count=99990")
                .last()
                .isEqualTo("task failed taskId=map:100000 task=fetch error=IOException: no");
    }

    @Test
    void successAndRevocationAreNoFailuresAndADeadLetterHasALineOfItsOwn() {
        log.ended("id-1", "fetch", new Outcome.Succeeded(1));
        log.ended("id-2", "fetch", new Outcome.Failed(Failure.celery("TaskRevokedError", "revoked")));
        log.ended(
                "id-3",
                "fetch",
                Execution.dead(Failure.builtin("E", "no"), DeadReason.RETRIES_EXHAUSTED)
                        .outcome());

        assertThat(events.list).isEmpty();
    }
}
