package dev.workerfarm.worker.link;

import dev.workerfarm.redis.TaskRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * How a child process died and what it ran then, as its parent saw it. It goes to another child as a line, which the
 * parent writes and reads by hand: it has no JSON library, to stay small.
 *
 * @param process the dead process's name, which no other process has at any time
 * @param exit its exit code; 128 + signal if a signal ended it, as shells have it
 * @param lastLines the end of its log, the oldest first; cut to {@link #MAX_LINES} lines of {@link #MAX_LINE_CHARS}
 */
public record DeathReport(String process, int exit, List<Running> running, List<String> lastLines) {
    private static final int MAX_LINES = 40;
    private static final int MAX_LINE_CHARS = 200;
    private static final String BETWEEN = "\t";

    /** One message under way in a process; {@code index} says which of its calls runs, or {@link #AROUND}. */
    public record Running(TaskRun run, String task, String queue, int index) {
        /** The index while no call runs: the message is read, or its outcome is written. */
        public static final int AROUND = -1;
    }

    public DeathReport {
        running = List.copyOf(running);
        List<String> end = new ArrayList<>();
        for (var line : lastLines.subList(Math.max(0, lastLines.size() - MAX_LINES), lastLines.size())) {
            end.add(line.length() <= MAX_LINE_CHARS ? line : line.substring(0, MAX_LINE_CHARS));
        }
        lastLines = List.copyOf(end);
    }

    /** How it ended, as logs have it. */
    public static String ending(int exit) {
        return exit > 128 ? "signal=" + (exit - 128) : "exit=" + exit;
    }

    /** The report as one line. Written without what would have the parent load more of the JDK than it has. */
    public String toLine() {
        var line = new StringBuilder(escape(process));
        put(line, exit, running.size());
        for (var each : running) {
            var run = each.run();
            put(line, run.id(), run.generation(), run.attempt(), each.index(), each.task(), each.queue());
        }
        put(line, lastLines.toArray());
        return line.toString();
    }

    private static void put(StringBuilder line, Object... fields) {
        for (var field : fields) {
            line.append(BETWEEN).append(escape(field.toString()));
        }
    }

    /** The report that a line is, or null if it is none. */
    public static @Nullable DeathReport from(String line) {
        var fields = Arrays.stream(line.split(BETWEEN, -1))
                .map(String::translateEscapes)
                .iterator();
        try {
            var process = fields.next();
            var exit = Integer.parseInt(fields.next());
            List<Running> running = new ArrayList<>();
            for (var left = Integer.parseInt(fields.next()); left > 0; left--) {
                var id = fields.next();
                var run = new TaskRun(id, Integer.parseInt(fields.next()), Integer.parseInt(fields.next()));
                var index = Integer.parseInt(fields.next());
                running.add(new Running(run, fields.next(), fields.next(), index));
            }
            List<String> lines = new ArrayList<>();
            fields.forEachRemaining(lines::add);
            return new DeathReport(process, exit, running, lines);
        } catch (IllegalArgumentException | NoSuchElementException e) { // of a parent of another version
            return null;
        }
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }
}
