package dev.workerfarm.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.error.ResultTimeoutException;
import dev.workerfarm.error.TaskCancelledException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

@Timeout(20)
@Isolated // it reads the log of a class
class AsyncResultTest {
    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    private final CompletableFuture<Object> future = new CompletableFuture<>();
    private final ExecutorService callbacks =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "the pool's own"));
    private final AsyncResult<Object> result =
            new AsyncResult<>("an id", future, new Callbacks(callbacks), () -> false, () -> {});

    @RegisterExtension
    private final LogCapture log = new LogCapture(AsyncResult.class);

    @AfterEach
    void stop() {
        callbacks.shutdownNow();
    }

    // Whoever completes the future receives the replies, and must not run strangers' code: here it is the test's
    // thread.

    @Test
    void whatDependsOnAStageRunsOnAThreadOfThePools() throws Exception {
        var ran = result.toCompletionStage().thenApply(value -> value + " on " + threadName());

        future.complete("done");

        assertThat(ran.toCompletableFuture().get(10, TimeUnit.SECONDS)).isEqualTo("done on the pool's own");
    }

    @Test
    void whatDependsOnAStageThatFailedRunsOnAThreadOfThePoolsToo() throws Exception {
        var failure = new TaskCancelledException("an id");
        var ran = result.toCompletionStage().exceptionally(failed -> {
            assertThat(failed).isInstanceOf(CompletionException.class).hasCause(failure);
            return threadName();
        });

        future.completeExceptionally(failure);

        assertThat(ran.toCompletableFuture().get(10, TimeUnit.SECONDS)).isEqualTo("the pool's own");
    }

    @Test
    void aTimeoutThatIsLongerThanNanosecondsCanBeCountedIsWaitedFor() {
        callbacks.execute(() -> future.complete("done"));

        assertThat(result.get(FOREVER)).isEqualTo("done");
        assertThat(result.await(FOREVER)).isTrue();
        assertThat(result.join(FOREVER)).isTrue();
    }

    @Test
    void aTimeoutThatIsLongPastIsOver() {
        assertThatThrownBy(() -> result.get(FOREVER.negated())).isInstanceOf(ResultTimeoutException.class);
        assertThat(result.await(FOREVER.negated())).isFalse();
    }

    @Test
    void whatACallbackThrowsIsLoggedBeItAnError() throws Exception {
        var thrown = new AssertionError("a callback's own");
        result.callback(value -> {
            throw thrown;
        });

        future.complete("done");

        callbacks.shutdown();
        assertThat(callbacks.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(log.events()).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage()).isEqualTo("callback failed id=an id");
            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("a callback's own");
        });
    }

    private static String threadName() {
        return Thread.currentThread().getName();
    }
}
