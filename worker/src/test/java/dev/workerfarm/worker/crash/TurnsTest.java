package dev.workerfarm.worker.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.DeathReport.Running;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.link.RunningReader;
import dev.workerfarm.worker.process.Cancellation;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Turns in a process that has no Redis: what its parent tells it is all that it knows. */
@Timeout(30)
class TurnsTest {
    @TempDir
    private Path folder;

    private final RedisSharedState noRedis = RedisSharedState.open(RedisAddress.parse("redis://127.0.0.1:1/0"), "none");
    private final Charges charges = new Charges(noRedis.charges(), "me", "here", new Cancellation());
    private final Turns turns = new Turns(charges, new Cancellation());
    private SeekableByteChannel file;
    private RunningFile running;

    @BeforeEach
    void open() throws Exception {
        var path = Files.createFile(folder.resolve("running"));
        file = Files.newByteChannel(path);
        running = RunningFile.open(path, "me", 2);
    }

    @AfterEach
    void close() throws Exception {
        file.close();
        noRedis.close();
    }

    private void died(String process, String id, int index) {
        var run = new Running(new TaskRun(id, 0, 0), "square", "queue", index);
        charges.take(new DeathReport(process, 137, List.of(run), List.of()));
    }

    @SuppressWarnings("NullAway") // nobody settles it
    private static Delivery delivery(Map<String, Object> headers, boolean redelivered) {
        var properties = new AMQP.BasicProperties.Builder().headers(headers).build();
        return new Delivery(null, 1, "queue", redelivered, properties, new byte[0]);
    }

    private static Delivery delivery(String id, boolean redelivered) {
        return delivery(Map.of("id", id, "task", "square"), redelivered);
    }

    private List<Running> running() throws Exception {
        var bytes = ByteBuffer.allocate((int) file.size());
        file.position(0);
        file.read(bytes);
        return Objects.requireNonNull(RunningReader.read(bytes)).running();
    }

    @Test
    void writesDownWhatRuns() throws Exception {
        var turn = turns.begin(delivery(Map.of("id", "a", "task", "square", "retries", 2), false), running.slot(1));
        assertThat(turn.call(7)).isNull();
        assertThat(running()).containsExactly(new Running(new TaskRun("a", 0, 2), "square", "queue", 7));

        turn.called();
        assertThat(running().get(0).index()).isEqualTo(Running.AROUND);
        turn.end();
        assertThat(running()).isEmpty();
    }

    @Test
    void whatIsRefusedUnreadIsNobodysFault() throws Exception {
        for (var headers : List.<Map<String, Object>>of(
                Map.of(), Map.of("id", "a"), Map.of("id", "a", "task", "t", "retries", "x"))) {
            var turn = turns.begin(delivery(headers, true), running.slot(0));
            assertThat(running()).isEmpty();
            turn.end();
        }
    }

    @Test
    void onlyARedeliveredMessageIsLookedUp() throws Exception {
        for (var process : List.of("p", "q", "r")) {
            died(process, "a", 0);
        }
        var first = turns.begin(delivery("a", false), running.slot(0));
        assertThat(first.call(0)).isNull();
        first.end();
        var again = turns.begin(delivery("a", true), running.slot(0));
        assertThat(again.call(0)).isNotNull();
        assertThat(again.call(1)).isNull();
        again.end();
    }

    @Test
    void aReportThatComesTwiceCountsOnce() throws Exception {
        died("p", "a", 0);
        died("p", "a", 0);
        died("q", "a", 0);
        var turn = turns.begin(delivery("a", true), running.slot(0));
        assertThat(turn.call(0)).isNull();
        turn.end();
    }

    @Test
    void aChargedMessageWaitsUntilNothingElseRunsAndLetsNothingBegin() throws Exception {
        died("p", "charged", 0);
        var other = turns.begin(delivery("other", false), running.slot(0));

        var isCharged = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        var charged = CompletableFuture.runAsync(() -> take("charged", 1, isCharged, mayEnd));
        assertThat(isCharged.await(100, TimeUnit.MILLISECONDS)).isFalse();
        other.end();
        isCharged.await();

        var hasBegun = new CountDownLatch(1);
        var third = CompletableFuture.runAsync(() -> take("third", 0, hasBegun, new CountDownLatch(0)));
        assertThat(hasBegun.await(100, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(running()).hasSize(1);
        mayEnd.countDown();
        charged.get();
        third.get();
    }

    private void take(String id, int slot, CountDownLatch begun, CountDownLatch mayEnd) {
        try {
            var turn = turns.begin(delivery(id, true), running.slot(slot));
            begun.countDown();
            mayEnd.await();
            turn.end();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
