package dev.workerfarm.worker.run;

import dev.workerfarm.shared.SharedArray;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.shared.SharedValue;

/** Shared state that is only passed around. */
final class StubShared implements SharedState {
    @Override
    public SharedValue value(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SharedArray array(String name) {
        throw new UnsupportedOperationException();
    }
}
