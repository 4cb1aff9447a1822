package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.WrongArgumentsException;
import dev.workerfarm.worker.metrics.Samples;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ActivityTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Outcome SUCCEEDED = new Outcome.Succeeded(1L);
    private static final Outcome FAILED = new Outcome.Failed(Failure.builtin("ValueError", "no"));

    private final Activity activity = new Activity(Clock.fixed(NOW, ZoneOffset.UTC));

    private RunningCalls begin(String id, String task) {
        var calls = StubCalls.running(id, task, activity);
        activity.enter(calls);
        calls.begin(0);
        return calls;
    }

    private void end(RunningCalls calls, Outcome outcome) {
        calls.end();
        activity.ended(calls, outcome);
    }

    @Test
    void listsWhatRunsTheLongestFirst() {
        var first = begin("a", "square");
        begin("b", "sleep");
        assertThat(activity.running()).extracting(Activity.Run::id).containsExactly("a", "b");

        end(first, SUCCEEDED);
        assertThat(activity.running()).extracting(Activity.Run::id).containsExactly("b");
    }

    @Test
    void tellsTwinsOfOneIdApart() {
        var twin = begin("a", "square");
        begin("a", "square");

        end(twin, SUCCEEDED);
        assertThat(activity.running()).hasSize(1);
    }

    @Test
    void countsHowTheyEnded() {
        end(begin("a", "square"), SUCCEEDED);
        end(begin("b", "square"), FAILED);
        end(begin("c", "square"), FAILED);

        assertThat(activity.succeeded()).isEqualTo(1);
        assertThat(activity.failed()).isEqualTo(2);
    }

    @Test
    void countsByTaskAndOutcome() {
        end(begin("a", "square"), SUCCEEDED);
        end(begin("b", "sleep"), FAILED);
        end(
                begin("c", "sleep"),
                TaskRunner.wrongArguments(new WrongArgumentsException("no")).outcome());
        activity.revoked("sleep");

        assertThat(lines())
                .contains(
                        "workerfarm_tasks_total{task=\"square\",outcome=\"succeeded\"} 1",
                        "workerfarm_tasks_total{task=\"square\",outcome=\"failed\"} 0",
                        "workerfarm_tasks_total{task=\"sleep\",outcome=\"failed\"} 1",
                        "workerfarm_tasks_total{task=\"sleep\",outcome=\"rejected\"} 1",
                        "workerfarm_tasks_total{task=\"sleep\",outcome=\"revoked\"} 1",
                        "workerfarm_task_run_seconds_count{task=\"sleep\"} 1");
    }

    @Test
    void measuresTheWaitByThePublishersClock() {
        activity.taken("square", NOW.minusMillis(1_500));
        activity.taken("square", NOW.plusSeconds(60)); // its clock is ahead
        activity.taken("square", NOW.minus(Duration.ofDays(400)));
        activity.taken("square", null);

        assertThat(lines())
                .contains(
                        "workerfarm_task_wait_seconds_sum{task=\"square\"} 1.5",
                        "workerfarm_task_wait_seconds_count{task=\"square\"} 2",
                        "workerfarm_task_wait_seconds_bucket{task=\"square\",le=\"0.0001\"} 1",
                        "workerfarm_task_wait_seconds_bucket{task=\"square\",le=\"1\"} 1",
                        "workerfarm_task_wait_seconds_bucket{task=\"square\",le=\"2.5\"} 2");
    }

    private String[] lines() {
        var samples = new Samples();
        activity.sample(samples);
        return samples.exposition().split("\n", -1);
    }
}
