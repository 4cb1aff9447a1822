package dev.workerfarm.worker;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.worker.lane.WorkerProcess;
import dev.workerfarm.worker.link.Assignment;
import dev.workerfarm.worker.parent.ChildCommand;
import dev.workerfarm.worker.process.ExitCode;
import dev.workerfarm.worker.run.TaskRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A program that is the worker, with tasks of its own:
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *     Worker.builder().task(Greet.TYPE, (greet, context) -> "Hello " + greet.name()).run(args);
 * }
 * }</pre>
 *
 * <p>The built-in tasks, those that {@link java.util.ServiceLoader} finds on the class path and those of the jars in
 * {@code FARM_TASKS} are there too. A task on a queue of its own ({@link dev.workerfarm.task.TaskQueue#named}) gets a process
 * for it, if no variable or flag says how that queue is consumed. Belongs to one thread.
 */
public final class WorkerProgram {
    private final List<Task<?, ?>> tasks = new ArrayList<>();
    private @Nullable Class<?> main;

    WorkerProgram() {}

    /**
     * Adds a task. The download lane calls its body on many threads at a time.
     *
     * @throws IllegalArgumentException as {@link #task(Task)}
     */
    public <A, R> WorkerProgram task(TaskType<A, R> type, Task.Body<A, R> body) {
        return task(Task.of(type, body));
    }

    /**
     * Adds a task.
     *
     * @throws IllegalArgumentException if there is a task of its name already, here or among the built-in ones
     */
    public WorkerProgram task(Task<?, ?> task) {
        TaskRegistry.add(Objects.requireNonNull(task, "task"), tasks);
        return this;
    }

    /**
     * Names the class whose main method calls {@link #run}. Needed where {@code run} cannot detect it: another class started
     * the program, the main method is inherited, or another thread calls {@code run}.
     *
     * @param main on the class path
     */
    public WorkerProgram main(Class<?> main) {
        this.main = Objects.requireNonNull(main, "main");
        return this;
    }

    /**
     * Runs the worker until SIGTERM or Ctrl-C and ends this process; a second signal hurries. It never returns. Exit codes:
     * 0 stopped and drained, 1 it cannot go on, 2 wrong usage, 3 broker not reachable at the start.
     *
     * <p><b>Code before {@code run} runs in every process.</b> The worker's processes run this program again: the same main
     * class or jar, class path and arguments, and this JVM's options {@code -D}, {@code --add-*}, {@code --enable-*},
     * {@code -ea} and {@code -da}. In them {@code run} executes tasks until the parent ends, and never returns either; so each
     * of them has to come to {@code run}, with the same tasks. Heap, collector, agent and debug options are not passed on,
     * nor are {@code JAVA_TOOL_OPTIONS} and {@code JDK_JAVA_OPTIONS}: {@code FARM_JAVA_OPTIONS} sets them.
     *
     * @param arguments the flags of {@code farm worker}, which go before the {@code FARM_*} variables; {@code --help} lists
     *     them
     */
    public void run(String... arguments) {
        var assignment = Assignment.ofThisProcess();
        if (assignment == null) {
            System.exit(runParent(arguments));
        } else {
            WorkerProcess.run(assignment, () -> tasks);
        }
    }

    private int runParent(String... arguments) {
        // A main class or a jar.
        var name = System.getProperty("sun.java.command", "worker").replaceFirst(" .*", "");
        if (List.of(arguments).contains("--help") || List.of(arguments).contains("-h")) {
            System.out.println(WorkerFlag.help(name));
            return ExitCode.STOPPED;
        }
        try {
            return Worker.runProgram(name, () -> {
                var given = WorkerFlag.parse(arguments);
                return Worker.builder(given).program(ChildCommand.ofThisProgram(main, List.of(arguments)), tasks);
            });
        } catch (InterruptedException e) {
            return ExitCode.LOOP_DIED;
        }
    }
}
