package dev.workerfarm.testkit;

import dev.workerfarm.task.TaskType;
import dev.workerfarm.worker.Worker;
import java.util.Arrays;

/** A program that is the worker. Its first argument is the greeting, the others are a worker's flags. */
public final class Greeter {
    /** The task's argument. */
    public record Greet(String name) {
        public static final TaskType<Greet, String> TYPE = TaskType.of("test.greet", Greet.class, String.class);
    }

    private Greeter() {}

    public static void main(String[] args) {
        var end = System.getProperty("greeter.end", ".");
        Worker.builder()
                .task(Greet.TYPE, (greet, context) -> args[0] + " " + greet.name() + end)
                .run(Arrays.copyOfRange(args, 1, args.length));
    }
}
