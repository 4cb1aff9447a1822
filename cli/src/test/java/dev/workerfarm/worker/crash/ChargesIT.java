package dev.workerfarm.worker.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.DeathReport.Running;
import dev.workerfarm.worker.process.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What several processes note of one message, on a real Redis. */
@Timeout(30)
class ChargesIT {
    private static final TaskRun RUN = new TaskRun("id-1", 0, 0);

    private final RedisSharedState shared =
            RedisSharedState.open(RedisAddress.parse(Services.shared().redisUrl()), "charges-" + UUID.randomUUID());
    private final Charges dead = charges("dead");
    private final Charges other = charges("other");
    private final Charges third = charges("third");

    private Charges charges(String process) {
        return new Charges(shared.charges(), process, "here", new Cancellation());
    }

    @AfterEach
    void close() {
        shared.close();
    }

    private static DeathReport report(String process, int index) {
        return new DeathReport(process, 137, List.of(new Running(RUN, "t", "q", index)), List.of("last words"));
    }

    private static void record(Charges charges, DeathReport report) {
        charges.take(report);
        List<String> recorded = new ArrayList<>();
        charges.record(recorded::add);
        assertThat(recorded).containsExactly(report.process());
    }

    @Test
    void whatEndsWellLeavesNothing() {
        dead.begin(RUN, 0);
        dead.end(RUN);

        assertThat(other.find(RUN)).isEmpty();
        assertThat(shared.charges().find(RUN)).isEmpty();
    }

    @Test
    void aDeathThatIsReportedTwiceCountsOnceAndSaysHow() {
        dead.begin(RUN, 0);
        record(other, report("dead", 7));
        record(third, report("dead", 7));

        assertThat(third.find(RUN)).containsExactly(new Charge("dead", 7, 137, "here", List.of("last words")));
        assertThat(other.find(new TaskRun("id-1", 0, 1))).isEmpty();
        assertThat(other.find(new TaskRun("id-1", 1, 0))).isEmpty();
    }

    @Test
    void whoComesBeforeTheReportWaitsForIt() {
        dead.begin(RUN, 0);
        var found = CompletableFuture.supplyAsync(() -> third.find(RUN));

        record(other, report("dead", 7));

        assertThat(found.join()).allMatch(Charge::isWitnessed).hasSize(1);
    }

    @Test
    void aDeathThatNobodySawCountsAfterAWhile() {
        dead.begin(RUN, 7);
        var since = System.nanoTime();

        assertThat(third.find(RUN)).containsExactly(Charge.begun("dead", "here", 7));
        assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThanOrEqualTo(Charges.LONGEST_WAIT);
    }

    @Test
    void aTwinThatHasLostItsConnectionIsNoDeath() {
        dead.begin(RUN, 0);
        dead.forget();
        dead.at(RUN, 8);

        assertThat(third.find(RUN)).isEmpty();
    }
}
