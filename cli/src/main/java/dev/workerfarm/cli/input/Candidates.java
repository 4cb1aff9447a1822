package dev.workerfarm.cli.input;

import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.TaskType;
import java.util.Iterator;
import java.util.List;

/** What a shell may offer for what is typed. Made by picocli, by name. */
public final class Candidates {
    private Candidates() {}

    /** The letters that {@code --type} takes. */
    public static final class Types implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("i", "d").iterator();
        }
    }

    /** What a value has. */
    public static final class OfValue implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("get", "set", "add", "rm").iterator();
        }
    }

    /** What an array has. */
    public static final class OfArray implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("get", "set", "add", "add-all", "fill", "length", "rm")
                    .iterator();
        }
    }

    /** The built-in tasks; those of jars are the workers' to know. */
    public static final class Tasks implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return BuiltIn.TYPES.stream().map(TaskType::name).iterator();
        }
    }
}
