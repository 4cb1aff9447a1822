package dev.workerfarm.it;

import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;

/** A user's tasks with something wrong. */
final class BrokenTasks {
    private BrokenTasks() {}

    /** Has the name of a built-in task. */
    public static final class AlsoSquare implements Task<RawArguments, Object> {
        @Override
        public TaskType<RawArguments, Object> type() {
            return TaskType.of("square", RawArguments.class, Object.class);
        }

        @Override
        public Object run(RawArguments args, TaskContext context) {
            return "not a square";
        }
    }

    /** A class that cannot be initialised. */
    static final class Uninitialisable {
        static final int NUMBER = Integer.parseInt("no number");

        private Uninitialisable() {}
    }

    /** Fails when it runs, in a way that is easily taken for the end of a process. */
    public static final class FailsInInitialiser implements Task<RawArguments, Object> {
        @Override
        public TaskType<RawArguments, Object> type() {
            return TaskType.of("fails_in_initialiser", RawArguments.class, Object.class);
        }

        @Override
        public Object run(RawArguments args, TaskContext context) {
            return Uninitialisable.NUMBER;
        }
    }
}
