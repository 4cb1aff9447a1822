package dev.workerfarm.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.PackageVersion;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.util.List;
import java.util.Map;

/** A user's task that reads JSON with a Jackson of its own. Two of them, for two ways to bring it along. */
abstract class JacksonTask implements Task<JacksonTask.Text, JacksonTask.Read> {
    /** What it takes: JSON, an object of numbers. */
    record Text(String json) {}

    /** What it returns. */
    record Read(String version, List<Entry> entries) {}

    /** A record in a record. */
    record Entry(String name, long number) {}

    /** What it throws where there is nothing to read. */
    static final class NothingToReadException extends Exception {
        NothingToReadException(String message) {
            super(message);
        }
    }

    /** In a jar that has Jackson inside. */
    public static final class Shaded extends JacksonTask {
        @Override
        public TaskType<Text, Read> type() {
            return TaskType.of("read_shaded", Text.class, Read.class);
        }
    }

    /** In a folder of jars, Jackson's among them. */
    public static final class Beside extends JacksonTask {
        @Override
        public TaskType<Text, Read> type() {
            return TaskType.of("read_beside", Text.class, Read.class);
        }
    }

    @Override
    public Read run(Text args, TaskContext context) throws Exception {
        // Which looks for modules through the thread's class loader.
        var mapper = new ObjectMapper().findAndRegisterModules();
        var read = (Map<?, ?>) mapper.readValue(args.json(), Map.class);
        if (read.isEmpty()) {
            throw new NothingToReadException("nothing in " + args.json());
        }
        var entries = read.entrySet().stream()
                .map(entry -> new Entry((String) entry.getKey(), ((Number) entry.getValue()).longValue()))
                .toList();
        return new Read(PackageVersion.VERSION.toString(), entries);
    }
}
