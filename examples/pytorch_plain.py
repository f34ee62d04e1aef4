"""A plain PyTorch loop, recorded with `log`: two spirals that a small network tells apart."""

from __future__ import annotations

import argparse
import math

import torch

from trainvis.vis import log


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Two spirals and a small network, in plain PyTorch")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--batch-size", type=int, default=64)
    return parser.parse_args()


def spirals(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Points [2 × count, 2] on two arms that wind around each other, and the arm of each [2 × count]."""
    turn = torch.linspace(0.5, 2.5, count) * math.pi
    arm = torch.stack([turn * torch.cos(turn), turn * torch.sin(turn)], dim=1) / (2.5 * math.pi)
    points = torch.cat([arm, -arm]) + 0.02 * torch.randn(2 * count, 2)
    return points, torch.cat([torch.zeros(count), torch.ones(count)])


def main() -> None:
    options = parsed()
    torch.manual_seed(0)
    points, labels = spirals(600)
    order = torch.randperm(len(points))
    training, kept = order[240:], order[:240]
    model = torch.nn.Sequential(
        torch.nn.Linear(2, 32), torch.nn.Tanh(), torch.nn.Linear(32, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=options.lr)
    loss_of = torch.nn.BCEWithLogitsLoss()

    step = 0
    for epoch in range(options.epochs):
        batches = training[torch.randperm(len(training))].split(options.batch_size)
        for at, batch in enumerate(batches, start=1):
            optimizer.zero_grad()
            loss = loss_of(model(points[batch]).squeeze(1), labels[batch])
            loss.backward()
            optimizer.step()
            step += 1
            log(step=step, epoch=epoch + at / len(batches), loss=loss)
        with torch.no_grad():
            logits = model(points[kept]).squeeze(1)
            share = ((logits > 0) == (labels[kept] > 0.5)).float().mean()
        log(step=step, epoch=epoch + 1, val_loss=loss_of(logits, labels[kept]), val_accuracy=share)
    print(f"accuracy on 240 points kept apart: {float(share):.3f}")


if __name__ == "__main__":
    main()
