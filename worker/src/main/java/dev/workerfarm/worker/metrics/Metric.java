package dev.workerfarm.worker.metrics;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Every metric of a worker, in the order in which {@code /metrics} lists them. */
public enum Metric {
    TASKS("workerfarm_tasks_total", "counter", "Tasks and items of maps that ended, by task and outcome."),
    RUN("workerfarm_task_run_seconds", "histogram", "How long tasks and items of maps ran."),
    WAIT(
            "workerfarm_task_wait_seconds",
            "histogram",
            "How long messages lay in a queue and in a process before they ran."),
    DEAD_LETTERS("workerfarm_dead_letters_total", "counter", "Messages given up, by reason."),
    RUNNING("workerfarm_tasks_running", "gauge", "Messages that run now."),
    BUSY("workerfarm_busy", "gauge", "Messages that run now or wait in a process to run."),
    UNSETTLED("workerfarm_deliveries_unsettled", "gauge", "Messages delivered and not settled yet."),
    HELD("workerfarm_outcomes_held", "gauge", "Messages about ended tasks that the broker has not taken for a second."),
    RECONNECTS("workerfarm_reconnects_total", "counter", "Broker connections opened again after a loss."),
    SUPPRESSED(
            "workerfarm_suppressed_duplicates_total",
            "counter",
            "Calls that were not run, or whose run did not count, as their outcome had been committed before."),
    RETURNS("workerfarm_publish_returns_total", "counter", "Published messages that no queue took."),
    REDIS_AWAY("workerfarm_redis_away", "gauge", "Processes whose tasks with shared state wait as Redis is away."),
    PARKED("workerfarm_waiting_for_redis", "gauge", "Messages set aside until Redis is back."),
    DOWNLOAD_BYTES("workerfarm_download_bytes_total", "counter", "Bytes of bodies downloaded."),
    PROCESSES("workerfarm_processes", "gauge", "Processes by lane and state."),
    UNRESPONSIVE(
            "workerfarm_processes_unresponsive", "gauge", "Processes whose last numbers are shown for want of new."),
    RESTARTS("workerfarm_process_restarts_total", "counter", "Processes that died and were replaced, by lane."),
    BUILD("workerfarm_build_info", "gauge", "Always 1; the version is a label.");

    private static final Map<String, Metric> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(metric -> metric.text, Function.identity()));

    private final String text;
    private final String type;

    private final String help;

    Metric(String text, String type, String help) {
        this.text = text;
        this.type = type;
        this.help = help;
    }

    /** The name of one time series, with names and values of its labels in turn. */
    public String series(String... labels) {
        return part("", labels);
    }

    /** The metric that a series belongs to; null if it is none of ours. */
    static @Nullable Metric of(String series) {
        var brace = series.indexOf('{');
        var name = brace < 0 ? series : series.substring(0, brace);
        var metric = BY_NAME.get(name);
        if (metric == null) {
            var suffix = name.lastIndexOf('_');
            metric = suffix < 0 ? null : BY_NAME.get(name.substring(0, suffix));
        }
        return metric;
    }

    /** Whether it says how things are now, rather than what has happened so far. */
    boolean isGauge() {
        return type.equals("gauge");
    }

    /** The two lines above its series in the text format. */
    String head() {
        return "# HELP " + text + " " + help + "\n# TYPE " + text + " " + type + "\n";
    }

    /** A series of a histogram: {@code _bucket}, {@code _sum} or {@code _count}. */
    String part(String suffix, String... labels) {
        var series = new StringBuilder(text).append(suffix);
        for (int i = 0; i < labels.length; i += 2) {
            series.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
            labels[i + 1].codePoints().forEach(c -> appendValue(series, c));
            series.append('"');
        }
        return labels.length == 0 ? series.toString() : series.append('}').toString();
    }

    /** Control characters become blanks: a series fits one line between tabs. */
    private static void appendValue(StringBuilder series, int c) {
        if (c == '"' || c == '\\') {
            series.append('\\');
        }
        series.appendCodePoint(Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? ' ' : c);
    }
}
