import dev.workerfarm.worker.Worker;

/**
 * A program that is the worker: it takes the variables and flags of {@code farm worker}. Its processes run this main method
 * too, so a line before {@code run} would run in each of them.
 */
public final class Greeter {
    private Greeter() {}

    public static void main(String[] args) {
        Worker.builder()
                .task(Greet.TYPE, (greet, context) -> "Hello " + greet.name())
                .run(args);
    }
}
