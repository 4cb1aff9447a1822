package dev.workerfarm.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.status.FarmStatus;
import dev.workerfarm.status.QueueStatus;
import dev.workerfarm.wire.control.WorkerStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusReportTest {
    private static final QueueStatus NO_DEAD = new QueueStatus("farm.dead", 0L, null, 0, null, null);

    private static WorkerStatus worker(String name, long done, List<WorkerStatus.Running> running) {
        return new WorkerStatus(
                name,
                "host",
                "cpu",
                List.of("farm.tasks"),
                "0.1.0",
                0,
                1,
                running,
                3,
                done,
                2,
                Map.of(),
                List.of(),
                List.of());
    }

    private static FarmStatus status(int consuming, QueueStatus dead, WorkerStatus... workers) {
        var tasks = new QueueStatus("farm.tasks", 5L, null, consuming, null, null);
        return new FarmStatus(List.of(workers), consuming, List.of(tasks, dead), false);
    }

    @Test
    void cutsWhatStrangersWroteSoThatOneRowRuinsNoOther() {
        var text = StatusReport.table(List.of(
                List.of("ID", "TASK", "AT"),
                List.of("an-id-of-100-" + "x".repeat(87), "t".repeat(60_000), "now"),
                List.of("a", "b\u001b[31m\u009b1m\u202ec", "then")));

        assertThat(text.lines())
                .containsExactly(
                        "ID" + " ".repeat(60) + "TASK" + " ".repeat(58) + "AT",
                        "an-id-of-100-" + "x".repeat(87) + "  " + "t".repeat(57) + "...  now",
                        "a" + " ".repeat(61) + "b?[31m?1m?c" + " ".repeat(51) + "then");
    }

    @Test
    void showsTheLongestRunAndHowManyMoreThereAre() {
        var running = List.of(
                new WorkerStatus.Running("a", "download", 61_000), new WorkerStatus.Running("b", "download", 5));
        var text = new StatusReport().text(status(1, NO_DEAD, worker("io-1@host.7", 40, running)), 1);

        assertThat(text).containsPattern("io-1@host.7 +cpu +download 1m 1s \\+1 +5 +40 +2 +- ");
        assertThat(text).doesNotContain("did not answer").doesNotContain("dead letters");
    }

    @Test
    void countsWhatWorkersHoldAsUnackedWhereTheBrokerDoesNotSay() {
        var text = new StatusReport()
                .text(status(2, NO_DEAD, worker("cpu-1", 1, List.of()), worker("cpu-2", 1, List.of())), 1);

        assertThat(text).containsPattern("farm.tasks +5 +6 +2 +- +-");
    }

    @Test
    void countsWhatAWorkerHoldsUnderTheQueueThatItCameFrom() {
        var queues = List.of("farm.tasks", "others");
        var worker = new WorkerStatus(
                "cpu-1",
                "host",
                "cpu",
                queues,
                "0.1.0",
                0,
                1,
                List.of(),
                3,
                0,
                0,
                Map.of("farm.tasks", 1, "others", 2),
                List.of(),
                List.of());
        var status = new FarmStatus(
                List.of(worker),
                1,
                List.of(
                        new QueueStatus("farm.tasks", 0L, null, 1, null, null),
                        new QueueStatus("others", 7L, null, 1, null, null),
                        NO_DEAD),
                false);

        assertThat(new StatusReport().text(status, 1))
                .containsPattern("farm.tasks +0 +1 +1 ")
                .containsPattern("others +7 +2 +1 ")
                .containsPattern("farm.dead +0 +- ");
    }

    @Test
    void knowsAWorkersRateFromTheSecondLookOn() {
        var report = new StatusReport();
        report.text(status(1, NO_DEAD, worker("cpu-1", 100, List.of())), 1);
        var text = report.text(
                status(1, NO_DEAD, worker("cpu-1", 150, List.of())),
                1 + Duration.ofSeconds(2).toNanos());

        assertThat(text).containsPattern("cpu-1 .* 150 +2 +25.0 ");
    }

    @Test
    void saysWhoDidNotAnswerAndThatLettersAreDead() {
        var dead = new QueueStatus("farm.dead", 3L, null, 0, null, null);

        assertThat(new StatusReport().text(status(2, dead, worker("cpu-1", 1, List.of())), 1))
                .contains("1 of 2 did not answer")
                .contains("3 dead letters in farm.dead");
        assertThat(new StatusReport().text(status(0, dead), 1)).contains("no worker consumes");
    }

    @Test
    void aWorkersNameCannotCommandATerminal() {
        var text = new StatusReport().text(status(1, NO_DEAD, worker("\u001b[2Jcpu", 1, List.of())), 1);

        assertThat(text).contains("?[2Jcpu").doesNotContain("\u001b");
    }

    @ParameterizedTest
    @CsvSource({"0,0ms", "999,999ms", "59999,59s", "185000,3m 5s", "7800000,2h 10m", "356400000,4d 3h", "-5,0ms"})
    void writesDurationsInTwoUnitsAtMost(long millis, String text) {
        assertThat(StatusReport.duration(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
