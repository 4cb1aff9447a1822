package dev.workerfarm.lab.chaos;

import dev.workerfarm.lab.chaos.Schedule.Fault.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What has become of a storm, with the time from the first task to the last result, and what is not as it must be. */
public record Verdict(
        Schedule plan, long tasks, Duration elapsed, long runs, long suppressed, int killed, List<String> differences) {
    public Verdict {
        differences = List.copyOf(differences);
    }

    public boolean holds() {
        return differences.isEmpty();
    }

    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT, "%d tasks in %.1f s, %.0f a second", tasks, elapsed.toMillis() / 1000.0, perSecond()));
        lines.add("kill -9: " + killed + " worker processes, " + count(Kind.KILL_AFTER_COMMIT)
                + " of them between a commit and its ack; RabbitMQ " + count(Kind.KILL_BROKER)
                + ", Redis " + count(Kind.KILL_REDIS) + "; frozen: RabbitMQ " + count(Kind.FREEZE_BROKER));
        lines.add("runs: " + runs + ", " + (runs - tasks)
                + " more than tasks, of processes killed before their commit, and twins");
        lines.add("suppressed duplicates: at least " + suppressed
                + ", answered with what was committed (a killed process takes its last count along)");
        if (holds()) {
            lines.add("results: all there, right and in order");
            lines.add("total: " + tasks + ", and each of " + StormTask.ELEMENTS + " elements exact");
            lines.add("queues: farm.dead empty, the others too, nothing unacked");
            lines.add("Nothing lost, nothing counted twice.");
        } else {
            differences.forEach(difference -> lines.add("WRONG  " + difference));
            lines.add("Run it again with --seed " + plan.seed() + ".");
        }
        return lines;
    }

    /** For machines, to be written as JSON. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("ok", holds());
        fields.put("seed", plan.seed());
        fields.put("tasks", tasks);
        fields.put("seconds", elapsed.toMillis() / 1000.0);
        fields.put("tasksPerSecond", (double) Math.round(perSecond()));
        fields.put("workerKills", (long) killed);
        fields.put("killsAfterCommit", count(Kind.KILL_AFTER_COMMIT));
        fields.put("brokerKills", count(Kind.KILL_BROKER));
        fields.put("redisKills", count(Kind.KILL_REDIS));
        fields.put("brokerFreezes", count(Kind.FREEZE_BROKER));
        fields.put("runs", runs);
        fields.put("suppressedDuplicatesAtLeast", suppressed);
        fields.put("differences", differences);
        return fields;
    }

    private double perSecond() {
        return tasks * 1000.0 / elapsed.toMillis();
    }

    private long count(Kind kind) {
        return plan.all(kind).size();
    }
}
