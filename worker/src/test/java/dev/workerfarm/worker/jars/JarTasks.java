package dev.workerfarm.worker.jars;

import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tasks that tests put into jars: good ones, and one for each way to be broken. */
final class JarTasks {
    private JarTasks() {}

    /** What {@link Greet} takes and returns. */
    record People(List<Person> people, @Nullable String greeting) {}

    /** Nested, to be converted to and fro. */
    record Person(String name, long age) {}

    /** Returns a record of records. */
    public static final class Greet implements Task<People, People> {
        @Override
        public TaskType<People, People> type() {
            return TaskType.of("greet", People.class, People.class);
        }

        @Override
        public People run(People args, TaskContext context) {
            var older = args.people().stream()
                    .map(person -> new Person(person.name(), person.age() + 1))
                    .toList();
            return new People(older, args.greeting() == null ? "none" : args.greeting());
        }
    }

    /** A task that takes anything. */
    abstract static class Raw implements Task<RawArguments, Object> {
        @Override
        public TaskType<RawArguments, Object> type() {
            return TaskType.of(getClass().getSimpleName(), RawArguments.class, Object.class);
        }

        @Override
        public Object run(RawArguments args, TaskContext context) {
            return "ran";
        }
    }

    /** Looks for classes by name, as a library does, and returns those that it finds. */
    public static final class Look extends Raw {
        @Override
        public Object run(RawArguments args, TaskContext context) {
            List<Object> found = new ArrayList<>();
            for (var name : args.args()) {
                if (isVisible((String) name)) {
                    found.add(name);
                }
            }
            return found;
        }

        private static boolean isVisible(String name) {
            try {
                Class.forName(name, false, Thread.currentThread().getContextClassLoader());
                return true;
            } catch (ClassNotFoundException e) {
                return false;
            }
        }
    }

    /** What {@link NeedsDependency} needs. */
    static final class Dependency {
        private Dependency() {}

        static String name() {
            return "dependency";
        }
    }

    /** Needs another class to be made. */
    public static final class NeedsDependency extends Raw {
        private final String name = Dependency.name();

        @Override
        public Object run(RawArguments args, TaskContext context) {
            return name;
        }
    }

    /** A class that cannot be initialised. */
    static final class Uninitialisable {
        static final int NUMBER = Integer.parseInt("no number");

        private Uninitialisable() {}
    }

    /** Fails when it runs, in the initialiser of a class. */
    public static final class FailsInInitialiser extends Raw {
        @Override
        public Object run(RawArguments args, TaskContext context) {
            return Uninitialisable.NUMBER;
        }
    }

    /** Cannot even be made. */
    public static final class Uninitialised extends Raw {
        @SuppressWarnings("UnusedVariable") // making it is the point
        private static final int NUMBER = Integer.parseInt("no\nnumber");
    }

    /** Cannot be made. */
    public static final class ThrowsInConstructor extends Raw {
        public ThrowsInConstructor() {
            throw new IllegalStateException("no such service");
        }
    }

    /** Has no type. */
    public static final class WithoutType extends Raw {
        @Override
        @SuppressWarnings("NullAway") // what a user's compiler lets pass
        public TaskType<RawArguments, Object> type() {
            return null;
        }
    }

    /** Throws where it is asked for its type. */
    public static final class ThrowsInType extends Raw {
        @Override
        public TaskType<RawArguments, Object> type() {
            throw new UnsupportedOperationException("later");
        }
    }

    /** Calls itself for ever where it is asked for its type. */
    public static final class OverflowsInType extends Raw {
        @Override
        @SuppressWarnings("InfiniteRecursion") // the point
        public TaskType<RawArguments, Object> type() {
            return type();
        }
    }

    /** Throws what no compiler would let it throw there. */
    public static final class SneaksInType extends Raw {
        @Override
        public TaskType<RawArguments, Object> type() {
            throw JarTasks.<RuntimeException>sneaky(new IOException("a disk is full"));
        }
    }

    /** Throws an error that throws another when it is asked what it says. */
    public static final class SaysNothingInType extends Raw {
        @Override
        public TaskType<RawArguments, Object> type() {
            throw new Wordless();
        }

        static final class Wordless extends Error {
            @Override
            public String getMessage() {
                throw new Error();
            }
        }
    }

    /** Cannot be initialised, and not by an exception. */
    public static final class ErrorInInitialiser extends Raw {
        @SuppressWarnings("UnusedVariable") // making it is the point
        private static final int NUMBER = fail();

        private static int fail() {
            throw new Error("not on this machine");
        }
    }

    /** Says that memory has run out, which it has for the whole process. */
    public static final class OutOfMemoryInConstructor extends Raw {
        public OutOfMemoryInConstructor() {
            throw new OutOfMemoryError("as if");
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** Takes the name of another. */
    public static final class AlsoGreet extends Raw {
        @Override
        public TaskType<RawArguments, Object> type() {
            return TaskType.of("greet", RawArguments.class, Object.class);
        }
    }

    /** Has the name of a built-in task. */
    public static final class AlsoSquare extends Raw {
        @Override
        public TaskType<RawArguments, Object> type() {
            return TaskType.of("square", RawArguments.class, Object.class);
        }
    }
}
