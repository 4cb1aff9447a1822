package dev.workerfarm.worker.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.task.Task;
import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.config.WorkerSettings;
import dev.workerfarm.worker.link.ParentLink;
import dev.workerfarm.worker.process.ExitCode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A lane on threads that cannot start; those that do are in an IT. */
@Timeout(30)
class LaneThreadTest {
    private final List<String> said = new CopyOnWriteArrayList<>();

    private LaneThread lane(Supplier<List<Task<?, ?>>> own) {
        var nowhere = Map.of("FARM_AMQP_URL", "amqp://127.0.0.1:1/", "FARM_REDIS_URL", "redis://127.0.0.1:1/0");
        var lane = new LaneThread(Lane.cpu(1), "cpu-1", WorkerSettings.from(nowhere), own, said::add);
        lane.reportEarlierDeaths(List.of());
        return lane;
    }

    @Test
    void withoutABrokerItSaysWhyAndCanBeReplaced() throws InterruptedException {
        var lane = lane(List::of);

        assertThat(lane.waitFor()).isEqualTo(ExitCode.BROKER_UNREACHABLE);
        assertThat(lane.fault()).isNull();
        assertThat(said)
                .singleElement()
                .asString()
                .startsWith(ParentLink.UNREACHABLE)
                .contains("127.0.0.1:1");
    }

    @Test
    void withoutItsTasksItIsItsParentsFault() throws InterruptedException {
        var fault = new IllegalArgumentException("on purpose");
        var lane = lane(() -> {
            throw fault;
        });

        assertThat(lane.waitFor()).isEqualTo(ExitCode.LOOP_DIED);
        assertThat(lane.fault()).isSameAs(fault);
        assertThat(said).isEmpty();
    }

    @Test
    void anInterruptOfItsMainThreadIsNoRequestToStop() {
        var stop = new LaneStop(new ParentLink(said::add), Duration.ofSeconds(20));
        Thread.currentThread().interrupt();
        CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS).execute(() -> stop.request(Duration.ofMillis(7)));

        assertThat(stop.awaitRequest()).isEqualTo(Duration.ofMillis(7));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
