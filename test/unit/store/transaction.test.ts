import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inTransaction } from '../../../electron/store/transaction.ts'

let db: DatabaseSync
beforeEach(() => {
  db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE word (text TEXT NOT NULL)')
})
afterEach(() => db.close())

const write = (text: string | null) => db.prepare('INSERT INTO word (text) VALUES (?)').run(text)
const words = () => db.prepare('SELECT text FROM word').all()

test('what fails on the way leaves nothing behind, and the next transaction works', () => {
  const failing = () =>
    inTransaction(db, () => {
      write('first')
      write(null)
    })
  expect(failing).toThrow(/NOT NULL/)
  expect(words()).toEqual([])
  inTransaction(db, () => write('second'))
  expect(words()).toEqual([{ text: 'second' }])
})

test('a failure after which SQLite has rolled back by itself is told as what it was', () => {
  const failing = () =>
    inTransaction(db, () => {
      write('first')
      // What SQLite does when the disk is full.
      db.prepare('INSERT OR ROLLBACK INTO word (text) VALUES (NULL)').run()
    })
  expect(failing).toThrow(/NOT NULL/)
  expect(words()).toEqual([])
})
