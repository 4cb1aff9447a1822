package dev.workerfarm.worker.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void writesEachMetricOnceWithItsHelpAndType() {
        var samples = new Samples();
        samples.add(Metric.BUSY.series(), 3);
        samples.add(Metric.RESTARTS.series("lane", "cpu"), 1);
        samples.add(Metric.RESTARTS.series("lane", "io"), 0);

        assertThat(samples.exposition()).isEqualTo("""
                # HELP workerfarm_busy Messages that run now or wait in a process to run.
                # TYPE workerfarm_busy gauge
                workerfarm_busy 3
                # HELP workerfarm_process_restarts_total Processes that died and were replaced, by lane.
                # TYPE workerfarm_process_restarts_total counter
                workerfarm_process_restarts_total{lane="cpu"} 1
                workerfarm_process_restarts_total{lane="io"} 0
                """);
    }

    @Test
    void aHistogramIsCumulativeAndItsBoundsAreInclusive() {
        var histogram = new Histogram();
        histogram.observe(0);
        histogram.observe(TimeUnit.MILLISECONDS.toNanos(1));
        histogram.observe(TimeUnit.MILLISECONDS.toNanos(1) + 1);
        histogram.observe(TimeUnit.HOURS.toNanos(1));
        var samples = new Samples();
        histogram.sample(Metric.RUN, "t", samples);

        assertThat(samples.exposition().lines().toList())
                .hasSize(2 + 17 + 2)
                .contains(
                        "# TYPE workerfarm_task_run_seconds histogram",
                        "workerfarm_task_run_seconds_bucket{task=\"t\",le=\"0.0001\"} 1",
                        "workerfarm_task_run_seconds_bucket{task=\"t\",le=\"0.001\"} 2",
                        "workerfarm_task_run_seconds_bucket{task=\"t\",le=\"0.005\"} 3",
                        "workerfarm_task_run_seconds_bucket{task=\"t\",le=\"300\"} 3",
                        "workerfarm_task_run_seconds_bucket{task=\"t\",le=\"+Inf\"} 4",
                        "workerfarm_task_run_seconds_sum{task=\"t\"} 3600.002000001",
                        "workerfarm_task_run_seconds_count{task=\"t\"} 4");
    }

    @Test
    void whatALabelMayNotHoldIsEscapedOrBlank() {
        assertThat(Metric.TASKS.series("task", "a\"b\\c\td\ne\u0085f é😀"))
                .isEqualTo("workerfarm_tasks_total{task=\"a\\\"b\\\\c d e f é😀\"}");
        assertThat(Metric.TASKS.series("task", "\ud83d")).isEqualTo("workerfarm_tasks_total{task=\" \"}");
    }

    @Test
    void goesThroughALineAndIsAddedUp() {
        var samples = new Samples();
        samples.add(Metric.TASKS.series("task", "two words}", "outcome", "failed"), 1L << 40);
        samples.add(Metric.RUN.part("_sum", "task", "t"), 0.25);
        samples.add(Metric.BUSY.series(), 2);

        var sum = Samples.parse(samples.line());
        sum.add(Samples.parse(samples.line()));
        sum.addCounters(Samples.parse(samples.line()));

        assertThat(sum.line().split("\t"))
                .containsExactly(
                        "workerfarm_tasks_total{task=\"two words}\",outcome=\"failed\"} 3298534883328",
                        "workerfarm_task_run_seconds_sum{task=\"t\"} 0.75",
                        "workerfarm_busy 4");
        assertThat(Samples.parse("").exposition()).isEmpty();
    }

    @Test
    void readsNoForeignMetricsAndRefusesNonsense() {
        assertThat(Samples.parse("process_cpu_seconds_total 3").line()).isEmpty();
        assertThatThrownBy(() -> Samples.parse("workerfarm_busy")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Samples.parse("workerfarm_busy many")).isInstanceOf(IllegalArgumentException.class);
    }
}
