package dev.workerfarm.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.workerfarm.task.TaskQueue;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaneTest {
    private static WorkerSettings settings(String processes, String downloaders, String lanes) {
        Map<String, String> environment =
                new HashMap<>(Map.of("FARM_PROCESSES", processes, "FARM_DOWNLOADERS", downloaders));
        environment.put("FARM_LANES", lanes);
        return WorkerSettings.from(environment);
    }

    @Test
    void aWorkerHasTheCpuLaneTheIoLaneAndThenThoseThatItIsGiven() {
        var settings = settings("2", "1", " reports:4, mails:1x3 ,");

        assertThat(settings.lanes())
                .containsExactly(
                        Lane.cpu(2),
                        Lane.io(1, 16),
                        new Lane("reports", TaskQueue.named("reports", 4), 4, 1),
                        new Lane("mails", TaskQueue.named("mails", 1), 1, 3));
        assertThat(settings.lane("mails").toString()).isEqualTo("mails:1x3");
        assertThat(settings.lane("reports").toString()).isEqualTo("reports:4");
        for (var queue : new String[] {"farm.tasks", "farm.downloads", "farm.reports", "farm.mails"}) {
            assertThat(settings.topology().declares(queue)).as(queue).isTrue();
        }
    }

    @Test
    void aLaneWithoutProcessesIsNone() {
        var settings = settings("0", "0", "reports:4");

        assertThat(settings.lanes()).extracting(Lane::name).containsExactly("reports");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.lane("cpu"))
                .withMessage("there is no lane 'cpu'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings("0", "0", ""))
                .withMessage(
                        "FARM_PROCESSES and FARM_DOWNLOADERS are both 0, and FARM_LANES has no lane: nothing to run");
    }

    @Test
    void nothingWaitsInAProcessOfANamedLaneOfSeveral() {
        var settings = settings("1", "1", "reports:4,mails:1");

        assertThat(settings.lane("reports").prefetch()).isEqualTo(4);
        assertThat(settings.lane("mails").prefetch()).isEqualTo(2);
        assertThat(settings.lane("cpu").prefetch()).isEqualTo(2);
        assertThat(settings.lane("io").prefetch()).isEqualTo(32);
    }

    @Test
    void aQueueWithALaneIsNoFurtherQueue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        WorkerSettings.from(Map.of("FARM_LANES", "reports:4", "FARM_QUEUES", "theirs,farm.reports")))
                .withMessageContaining("FARM_QUEUES: farm.reports has a lane of its own, 'reports:4' in FARM_LANES");
    }

    @Test
    void onlyTheCpuLaneConsumesFurtherQueues() {
        var settings = WorkerSettings.from(Map.of("FARM_LANES", "mails:1", "FARM_QUEUES", "theirs"));

        assertThat(LaneProfile.of(settings.lane("mails"), "mails-1", settings).queues())
                .containsExactly("farm.mails");
        assertThat(LaneProfile.of(settings.lane("cpu"), "cpu-1", settings).queues())
                .containsExactly("farm.tasks", "theirs");
    }

    @Test
    void theFirstProcessOfTheFirstLaneReportsForAll() {
        var settings = settings("0", "0", "reports-1:4x2,mails:1");

        for (var name : new String[] {"reports-1-1", "reports-1-2"}) {
            assertThat(LaneProfile.of(settings.lane("reports-1"), name, settings)
                            .isFirst())
                    .as(name)
                    .isEqualTo(name.equals("reports-1-1"));
        }
        assertThat(LaneProfile.of(settings.lane("mails"), "mails-1", settings).isFirst())
                .isFalse();
    }

    @Test
    void onlyALaneOfOneAtATimeFollowsTheRunTimeOfItsTasks() {
        var settings = settings("1", "1", "reports:4,mails:1");

        assertThat(settings.lanes())
                .filteredOn(Lane::resizes)
                .extracting(Lane::name)
                .containsExactly("cpu", "mails");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "reports     | 'reports' is no lane such as reports:4 (queue, tasks at a time) or reports:4x2 (and processes)",
                "reports:    | 'reports:' is no lane such as",
                "reports:x2  | 'reports:x2' is no lane such as",
                "reports:4x  | 'reports:4x' is no lane such as",
                "reports:4:2 | 'reports:4:2' is no lane such as",
                "reports: 4  | 'reports: 4' is no lane such as",
                "reports:-1  | 'reports:-1' is no lane such as",
                "reports:9999999999 | 'reports:9999999999' is no lane such as",
                "reports;4   | 'reports;4' is no lane such as",
                "reports:0   | queue 'reports': 0 tasks at a time is not within 1 to 1024",
                "reports:1025 | queue 'reports': 1025 tasks at a time is not within 1 to 1024",
                "reports:4x0 | processes of 'reports': 0 is not within 1 to 1024",
                "reports:4x1025 | processes of 'reports': 1025 is not within 1 to 1024",
                "reports:4,reports:2 | the lane 'reports' is there twice",
                ":4          | a queue's name has 1 to 64 letters, digits, - and _, with single dots between them, not ''",
                "farm reports:4 | a queue's name has 1 to 64 letters",
                "cpu:1       | the farm itself uses the name 'cpu'",
                "dead:1      | the farm itself uses the name 'dead'",
            })
    void saysWhatIsWrongWithALane(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings("1", "0", text))
                .withMessageStartingWith("FARM_LANES: " + message);
    }
}
