/** One child process put together: its parts in one visible list, started from top to bottom and stopped backwards. */
@NullMarked
package dev.workerfarm.worker.lane;

import org.jspecify.annotations.NullMarked;
