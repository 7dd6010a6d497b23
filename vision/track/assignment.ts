/**
 * Assignment: which row goes with which column so that the costs add up to the least (the assignment problem).
 *
 * The shortest augmenting path algorithm for rectangular matrices (D. F. Crouse, "On implementing 2D rectangular
 * assignment algorithms", IEEE TAES 52(4), 2016), which SciPy uses too: ties fall as they fall there, so that ids of
 * tracks are comparable. Pure; buffers are kept between calls. Called by track/tracker.ts only.
 */
import { invariant } from '../../src/core/result.ts'

export interface Assigner {
  /**
   * The column of each row, or -1 for rows left over; as many are assigned as the shorter side has. `costs` is row by
   * row and finite. What is returned is overwritten by the next call.
   */
  assign(costs: Float64Array, rows: number, columns: number): Int32Array
}

export function createAssigner(): Assigner {
  let size = 0
  let columnOf = new Int32Array(0)
  let rowOf = new Int32Array(0)
  let from = new Int32Array(0)
  let remaining = new Int32Array(0)
  let rowPrice = new Float64Array(0)
  let columnPrice = new Float64Array(0)
  let distance = new Float64Array(0)
  let rowDone = new Uint8Array(0)
  let columnDone = new Uint8Array(0)
  let turned = new Float64Array(0)

  const grow = (rows: number, columns: number): void => {
    const needed = Math.max(rows, columns)
    if (needed <= size) return
    size = Math.max(needed, size * 2)
    columnOf = new Int32Array(size)
    rowOf = new Int32Array(size)
    from = new Int32Array(size)
    remaining = new Int32Array(size)
    rowPrice = new Float64Array(size)
    columnPrice = new Float64Array(size)
    distance = new Float64Array(size)
    rowDone = new Uint8Array(size)
    columnDone = new Uint8Array(size)
    turned = new Float64Array(size * size)
  }

  /** The free column that `start` reaches at the least cost, by a path that swaps earlier assignments; and that cost. */
  const reach = (costs: Float64Array, columns: number, start: number): { sink: number; cost: number } => {
    let left = columns
    // Backwards, so that equal costs everywhere give the first row the first column, as in SciPy.
    for (let index = 0; index < columns; index += 1) remaining[index] = columns - index - 1
    distance.fill(Infinity, 0, columns)
    rowDone.fill(0)
    columnDone.fill(0)
    let cost = 0
    let row = start
    for (;;) {
      rowDone[row] = 1
      let nearest = -1
      let least = Infinity
      for (let index = 0; index < left; index += 1) {
        const column = remaining[index] ?? 0
        const through = cost + (costs[row * columns + column] ?? 0) - (rowPrice[row] ?? 0) - (columnPrice[column] ?? 0)
        if (through < (distance[column] ?? 0)) {
          from[column] = row
          distance[column] = through
        }
        const found = distance[column] ?? 0
        // Of equal ones a free column ends the search.
        if (found < least || (found === least && rowOf[column] === -1)) {
          least = found
          nearest = index
        }
      }
      invariant(nearest >= 0 && Number.isFinite(least), 'costs to be assigned are finite numbers')
      cost = least
      const column = remaining[nearest] ?? 0
      columnDone[column] = 1
      left -= 1
      remaining[nearest] = remaining[left] ?? 0
      const taken = rowOf[column] ?? -1
      if (taken === -1) return { sink: column, cost }
      row = taken
    }
  }

  const solve = (costs: Float64Array, rows: number, columns: number): void => {
    columnOf.fill(-1, 0, rows)
    rowOf.fill(-1, 0, columns)
    rowPrice.fill(0, 0, rows)
    columnPrice.fill(0, 0, columns)
    for (let start = 0; start < rows; start += 1) {
      const { sink, cost } = reach(costs, columns, start)
      for (let row = 0; row < rows; row += 1) {
        if (rowDone[row] !== 1) continue
        const spent = row === start ? 0 : (distance[columnOf[row] ?? 0] ?? 0)
        rowPrice[row] = (rowPrice[row] ?? 0) + cost - spent
      }
      for (let column = 0; column < columns; column += 1) {
        if (columnDone[column] !== 1) continue
        columnPrice[column] = (columnPrice[column] ?? 0) - cost + (distance[column] ?? 0)
      }
      let column = sink
      for (;;) {
        const row = from[column] ?? 0
        const freed = columnOf[row] ?? -1
        rowOf[column] = row
        columnOf[row] = column
        if (row === start) break
        column = freed
      }
    }
  }

  return {
    assign: (costs, rows, columns) => {
      grow(rows, columns)
      if (rows <= columns) {
        solve(costs, rows, columns)
        return columnOf
      }
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < columns; column += 1) {
          turned[column * rows + row] = costs[row * columns + column] ?? 0
        }
      }
      solve(turned, columns, rows)
      return rowOf
    },
  }
}
