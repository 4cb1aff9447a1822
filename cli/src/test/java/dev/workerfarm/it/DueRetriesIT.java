package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.Flaky;
import dev.workerfarm.testkit.PrivateFarm;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The queue to which retries come when they are due: it is deleted, or the workers may not read it. */
@Timeout(120)
class DueRetriesIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    private static final PrivateFarm PRIVATE = PrivateFarm.withWorkers(1, 0);

    @TempDir
    private Path folder;

    private TestFarm farm;
    private String due;
    private Pool pool;

    @BeforeEach
    void connect() {
        farm = PRIVATE.farm();
        due = "celery_delayed_due." + farm.tasks();
        pool = farm.connect();
    }

    @AfterEach
    void theFarmAnswers() {
        assertThat(pool.apply(Square.TYPE, 2)).isEqualTo(4L);
        pool.close();
    }

    @Test
    void aRetryComesAfterItsQueueWasDeleted() throws Exception {
        assertThat(runWithOneRetry()).isEqualTo(1L);

        farm.onBroker(channel -> channel.queueDelete(due));
        await("a worker declares it again").atMost(SOON).until(() -> consumers() == 1);

        assertThat(runWithOneRetry()).isEqualTo(1L);
    }

    @Test
    void aRetryWaitsWhereNoWorkerMayReadItAndComesOnceOneMay() throws Exception {
        var replies = farm.names().namespace() + ".replies.due";
        farm.onBroker(channel -> channel.queueDeclare(replies, true, false, false, Map.of()));
        mayRead("^(?!celery_delayed_due).*$");
        PRIVATE.rabbitMq().ctl("close_all_connections", "--vhost", "/", "other rights");
        await("the workers consume again")
                .atMost(SOON)
                .until(() -> PRIVATE.workers().awaitReady(Duration.ZERO));
        var waiting = TaskCodec.encode(
                TaskMessage.of(UUID.randomUUID().toString(), "square", List.of(7), Map.of(), replies, Map.of()));
        farm.publish(due, waiting.properties(), waiting.body());

        assertThat(runWithOneRetry()).isEqualTo(1L);
        assertThat(farm.waiting(due)).isEqualTo(1);

        mayRead(".*");
        await("the answer").atMost(SOON).until(() -> farm.waiting(replies) == 1);
        assertThat(farm.waiting(due)).isZero();
    }

    private Object runWithOneRetry() {
        var flaky = pool.task(Flaky.TYPE)
                .retry(RetryPolicy.of(3).withFirst(Duration.ofSeconds(1)).withJitter(0));
        return flaky.applyAsync(folder.resolve("runs").toString(), 1).get(SOON);
    }

    private int consumers() throws Exception {
        var found = PRIVATE.rabbitMq().ctl("list_queues", "name", "consumers").lines();
        return found.filter(line -> line.startsWith(due + "\t"))
                .mapToInt(line ->
                        Integer.parseInt(line.substring(line.indexOf('\t') + 1).trim()))
                .sum();
    }

    private static void mayRead(String pattern) {
        var user = URI.create(PRIVATE.rabbitMq().url()).getUserInfo().replaceFirst(":.*", "");
        PRIVATE.rabbitMq().ctl("set_permissions", user, ".*", ".*", pattern);
    }
}
