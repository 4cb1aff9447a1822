package dev.workerfarm.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoopTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    @Test
    void goesOnAfterAnExceptionAndAfterAnError() throws InterruptedException {
        var passes = new AtomicInteger();
        var loop = Loop.goingOn("loop-test", () -> {
                    switch (passes.incrementAndGet()) {
                        case 1 -> throw new IllegalStateException("on purpose");
                        case 2 -> throw new StackOverflowError("on purpose");
                        default -> new CountDownLatch(1).await();
                    }
                })
                .start();

        await().atMost(SOON).untilAsserted(() -> assertThat(passes).hasValue(3));
        assertThat(loop.join(Duration.ZERO)).isFalse();
        loop.stop();
        await().atMost(SOON).until(() -> loop.join(Duration.ZERO));
    }

    @Test
    void endsItsPartOnceAfterAFault() {
        List<Throwable> ends = new CopyOnWriteArrayList<>();
        var loop = Loop.ending(
                        "loop-test",
                        () -> {
                            throw new StackOverflowError("on purpose");
                        },
                        ends::add)
                .start();

        await().atMost(SOON).until(() -> loop.join(Duration.ZERO));
        assertThat(ends).singleElement().isInstanceOf(StackOverflowError.class);
    }

    @Test
    void aStrayInterruptStartsTheNextPass() throws InterruptedException {
        var passes = new AtomicInteger();
        List<Throwable> ends = new CopyOnWriteArrayList<>();
        var loop = Loop.ending(
                        "loop-test",
                        () -> {
                            passes.incrementAndGet();
                            new CountDownLatch(1).await();
                        },
                        ends::add)
                .start();
        await().atMost(SOON).untilAsserted(() -> assertThat(passes).hasValue(1));

        loop.interrupt();

        await().atMost(SOON).untilAsserted(() -> assertThat(passes).hasValue(2));
        loop.stop();
        assertThat(loop.join(SOON)).isTrue();
        assertThat(ends).isEmpty();
    }

    @Test
    void aFaultThatFollowsTheStopEndsNothingElse() throws InterruptedException {
        List<Throwable> ends = new CopyOnWriteArrayList<>();
        var loop = Loop.ending(
                "loop-test",
                () -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException("interrupted", e);
                    }
                },
                ends::add);
        loop.start();

        loop.stop();

        assertThat(loop.join(SOON)).isTrue();
        assertThat(ends).isEmpty();
    }

    @Test
    void aScheduledJobThatThrowsReturns() {
        var runs = new AtomicInteger();
        var job = Loop.job("job-test", () -> {
            runs.incrementAndGet();
            throw new StackOverflowError("on purpose");
        });

        job.run();
        job.run();

        assertThat(runs).hasValue(2);
    }

    @Test
    void aScheduledJobWithARuleTellsItsPart() {
        List<Throwable> ends = new CopyOnWriteArrayList<>();
        var job = Loop.job(
                "job-test",
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                ends::add);

        job.run();

        assertThat(ends).singleElement().isInstanceOf(IllegalStateException.class);
    }

    /** As an OutOfMemoryError does where there is no memory for the log either. */
    private static final class Unloggable extends RuntimeException {
        @Override
        public String getMessage() {
            throw new IllegalStateException("not even this");
        }
    }

    @Test
    void aFaultThatCannotBeLoggedEndsNoLoopAndIsToldAllTheSame() {
        var passes = new AtomicInteger();
        List<Throwable> ends = new CopyOnWriteArrayList<>();
        var loop = Loop.goingOn("loop-test", () -> {
                    if (passes.incrementAndGet() == 1) {
                        throw new Unloggable();
                    }
                    new CountDownLatch(1).await();
                })
                .start();

        Loop.job(
                        "job-test",
                        () -> {
                            throw new Unloggable();
                        },
                        ends::add)
                .run();

        await().atMost(SOON).untilAsserted(() -> assertThat(passes).hasValue(2));
        loop.stop();
        assertThat(ends).singleElement().isInstanceOf(Unloggable.class);
    }
}
