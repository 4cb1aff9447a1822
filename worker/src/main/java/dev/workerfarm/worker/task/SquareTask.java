package dev.workerfarm.worker.task;

import dev.workerfarm.task.Square;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.math.BigDecimal;
import java.math.BigInteger;

/** {@code n ** 2} as Python has it: integers exactly, whatever their size, floats as doubles; decimals that no double holds exactly too. */
public final class SquareTask implements Task<Square, Number> {
    /** Beyond it the square of a long may not be one. */
    private static final long LARGEST_ROOT = 3_037_000_499L;

    @Override
    public TaskType<Square, Number> type() {
        return Square.TYPE;
    }

    @Override
    public Number run(Square args, TaskContext context) {
        var n = args.n();
        if (n instanceof Long whole) {
            return whole <= LARGEST_ROOT && whole >= -LARGEST_ROOT
                    ? (Number) (whole * whole)
                    : BigInteger.valueOf(whole).pow(2);
        }
        if (n instanceof BigInteger large) {
            return large.pow(2);
        }
        return n instanceof BigDecimal exact ? exact.pow(2) : (Number) (n.doubleValue() * n.doubleValue());
    }
}
