package dev.workerfarm.error;

/** A loop that a {@code Pool} cannot work without has ended by a fault of its own: the pool is closed, nothing is answered. */
public final class PoolFailedException extends FarmException {
    private final String loop;

    public PoolFailedException(String loop, Throwable fault) {
        super(
                "the pool failed and was closed: its loop " + loop + " ended by " + fault
                        + "; published tasks may still run; open another pool",
                fault);
        this.loop = loop;
    }

    /** The name of the loop that has ended. */
    public String loop() {
        return loop;
    }
}
