/** What a farm does at this moment, asked of its workers and its broker. */
@NullMarked
package dev.workerfarm.status;

import org.jspecify.annotations.NullMarked;
